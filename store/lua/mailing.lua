-- mailing: a process begins to send the broadcast that is under way. Who was on their way when the process before it died may have got
-- the text or not: nobody can know, so they are not sent to again, and counted.
-- KEYS  1 broadcast (hash)  2 people on their way (hash)
-- ARGV  1 offset ms  2 id  3 session
-- returns {'ok', people unsure of} | {'idle'} it is not to be sent now
local bad = expect('hash', 'hash')
if bad then return bad end
local state = redis.call('HGET', KEYS[1], 'st')
if redis.call('HGET', KEYS[1], 'id') ~= ARGV[2] or (state ~= 'running' and state ~= 'canceling') then return { 'idle' } end
local unsure = 0
redis.call('HSET', KEYS[1], 'session', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'v', '1')
local way = redis.call('HGETALL', KEYS[2])
for i = 1, #way, 2 do
  if way[i + 1] ~= 'unsure' then
    redis.call('HSET', KEYS[2], way[i], 'unsure')
    unsure = unsure + 1
  end
end
if unsure > 0 then redis.call('HINCRBY', KEYS[1], 'unsure', str(unsure)) end
return { 'ok', str(unsure) }
