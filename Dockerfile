# One image for the collector, the dashboard and the demo services; the command says which.
FROM python:3.11-slim

COPY pyproject.toml constraints.txt README.md LICENSE /src/
COPY collector /src/collector
COPY dashboard /src/dashboard
COPY demo_services /src/demo_services
RUN pip install --no-cache-dir --constraint /src/constraints.txt '/src[postgres]' \
    && install -D /src/demo_services/collector.toml /etc/choreoscope/demo.toml \
    && cp -r /src/demo_services/flows /etc/choreoscope/flows \
    && rm -r /src

RUN useradd --create-home choreoscope && install -d -o choreoscope /data
USER choreoscope
WORKDIR /home/choreoscope
ENV PYTHONUNBUFFERED=1 CHOREOSCOPE_DATA=/data
VOLUME /data
EXPOSE 4317 4318 8501

CMD ["choreoscope", "serve"]
