-- How late each service's spans come, and how far its clock (of several: the worst) is off.
SELECT service, avgMerge(lag) AS lag_s, any(clock.worst) AS clock_s, any(clock.worst_width) AS clock_width_s
FROM services
LEFT JOIN
(
    SELECT service, argMax(offset_now, abs(offset_now)) AS worst, argMax(width_now, abs(offset_now)) AS worst_width
    FROM
    (
        SELECT service, instance, argMax(offset_s, at) AS offset_now, argMax(width_s, at) AS width_now
        FROM clock_offsets
        GROUP BY service, instance
    )
    WHERE isFinite(offset_now)
    GROUP BY service
) AS clock USING (service)
GROUP BY service
