-- The moments up to which what is known at first is learned from, one after the other: when the first fifty
-- orders had come, three times as many, and so on, up to half of them.
SELECT arrayMap(n -> times[n], arrayFilter(n -> n <= length(times) / 2, arrayMap(k -> toUInt64(50 * pow(3, k)), range(15)))) AS moments
FROM (SELECT arraySort(groupArray(toUnixTimestamp64Nano(first_seen))) AS times FROM order_facts FINAL);
