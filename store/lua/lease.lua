-- lease: one holder at a time for a named duty; the same holder renews.
-- KEYS  1 lease (hash)
-- ARGV  1 offset ms  2 holder  3 ms ('0' gives it back)
-- returns {'held'} | {'other'}
local bad = expect('hash')
if bad then return bad end
local holder = redis.call('HGET', KEYS[1], 'by')
local till = tonumber(redis.call('HGET', KEYS[1], 'till') or '0')
if holder and holder ~= ARGV[2] and till > NOW then return { 'other' } end
if ARGV[3] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('HSET', KEYS[1], 'by', ARGV[2], 'till', str(NOW + tonumber(ARGV[3])))
end
return { 'held' }
