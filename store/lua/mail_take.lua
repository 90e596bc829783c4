-- mail_take: the next person of a broadcast is put on their way before the text leaves, or left out and counted. Only the process whose
-- session it is may, and only while it runs.
-- KEYS  1 broadcast (hash)  2 people on their way (hash)  3 people to be tried again (zset)
-- ARGV  1 offset ms  2 session  3 user  4 place in the row of customers ('' for one who is tried again)
--       5 '' to be sent to, what they are counted as when they are left out, or 'nobody' for a place without a customer
-- returns {'ok'} | {'stop'} | {'moved'} that is not the next one
local bad = expect('hash', 'hash', 'zset')
if bad then return bad end
if redis.call('HGET', KEYS[1], 'session') ~= ARGV[2] or redis.call('HGET', KEYS[1], 'st') ~= 'running' then return { 'stop' } end
if ARGV[4] ~= '' and redis.call('HGET', KEYS[1], 'next') ~= ARGV[4] then return { 'moved' } end
if ARGV[4] == '' and not redis.call('ZSCORE', KEYS[3], ARGV[3]) then return { 'moved' } end
redis.call('HINCRBY', KEYS[1], 'v', '1')
if ARGV[4] == '' then
  redis.call('ZREM', KEYS[3], ARGV[3])
else
  redis.call('HINCRBY', KEYS[1], 'next', '1')
end
if ARGV[5] == '' then
  redis.call('HSET', KEYS[2], ARGV[3], ARGV[2])
elseif ARGV[5] ~= 'nobody' then
  redis.call('HINCRBY', KEYS[1], ARGV[5], '1')
end
return { 'ok' }
