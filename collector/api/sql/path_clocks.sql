-- The clocks that are off, as far as that is known.
SELECT service, instance, offset_s, width_s, toUnixTimestamp64Nano(at) AS at_ns
FROM clock_offsets FINAL
ORDER BY service, instance
