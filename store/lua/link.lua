-- link: chains new entries to the record, if the head is still the one they were computed from. Called every second, with
-- nothing new too: the time of the last call is what buying and showing depend on.
-- KEYS  1 head (hash)  2 macs (list)
-- ARGV  1 offset ms  2 expected former head (hex, '' at the start)  3 new head (hex)  4 last entry's id  5 new seq  6.. macs
-- returns {'ok'} | {'moved'}
local bad = expect('hash', 'list')
if bad then return bad end
if (redis.call('HGET', KEYS[1], 'head') or '') ~= ARGV[2] then return { 'moved' } end
for i = 6, #ARGV do redis.call('RPUSH', KEYS[2], ARGV[i]) end
redis.call('HSET', KEYS[1], 'head', ARGV[3], 'id', ARGV[4], 'seq', ARGV[5], 'at', str(NOW))
return { 'ok' }
