-- mail_end: what became of a text that was on its way to a person, told once, also by a process that has lost the session meanwhile.
-- KEYS  1 broadcast (hash)  2 people on their way (hash)  3 people to be tried again (zset)
-- ARGV  1 offset ms  2 id  3 user  4 what they are counted as; 'unsure' when nobody knows; 'again' when surely nothing was sent
--       5 ms until they are tried again
-- returns {'ok'} | {'gone'} it was told before, or the broadcast is over
local bad = expect('hash', 'hash', 'zset')
if bad then return bad end
local way = redis.call('HGET', KEYS[2], ARGV[3])
if not way or redis.call('HGET', KEYS[1], 'id') ~= ARGV[2] or redis.call('HGET', KEYS[1], 'st') == 'over' then return { 'gone' } end
if way == 'unsure' and ARGV[4] == 'unsure' then return { 'gone' } end
redis.call('HINCRBY', KEYS[1], 'v', '1')
if way == 'unsure' then redis.call('HINCRBY', KEYS[1], 'unsure', '-1') end
if ARGV[4] == 'unsure' then
  redis.call('HSET', KEYS[2], ARGV[3], 'unsure')
else
  redis.call('HDEL', KEYS[2], ARGV[3])
end
if ARGV[4] == 'again' then
  redis.call('ZADD', KEYS[3], str(NOW + tonumber(ARGV[5])), ARGV[3])
else
  redis.call('HINCRBY', KEYS[1], ARGV[4], '1')
end
return { 'ok' }
