-- What is known of clocks, the latest estimates first; instances come and go, old ones are of no interest.
SELECT service, instance, offset_s, width_s
FROM clock_offsets FINAL
ORDER BY at DESC, service, instance
LIMIT 5000
