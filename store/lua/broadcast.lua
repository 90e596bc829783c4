-- broadcast: begins a text to every customer, or takes one of its steps, once. Only one is under way in a shop.
-- KEYS  1 broadcast (hash)  2 people on their way (hash)  3 people to be tried again (zset)  4 due news (zset)  5 leases of news (hash)
--       6 events (stream)  7 seq (string)  8 events of order (list)  9 events of person (list)
-- ARGV  1 offset ms  2 id  3 states it may stand in, with commas ('' begins it)  4 state it gets  5 version it was read at ('' whichever)
--       6 news of its end ('' for none)  7 event  8 how many customers there are and  9 what is sent, as the caller's JSON, to begin it
-- returns {'ok'} | {'same'} it was begun by this id | {'taken'} another one has not ended | {'gone'} | {'edge', state} | {'stale'}
local bad = expect('hash', 'hash', 'zset', 'zset', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local state, id = redis.call('HGET', KEYS[1], 'st'), redis.call('HGET', KEYS[1], 'id')
if ARGV[3] == '' then
  if id == ARGV[2] then return { 'same' } end
  if state and state ~= 'over' then return { 'taken' } end
else
  if id ~= ARGV[2] then return { 'gone' } end
  if not string.find(',' .. ARGV[3] .. ',', ',' .. state .. ',', 1, true) then return { 'edge', state } end
  if ARGV[5] ~= '' and ARGV[5] ~= redis.call('HGET', KEYS[1], 'v') then return { 'stale' } end
end

emit(KEYS[6], KEYS[7], KEYS[8], KEYS[9], ARGV[7])
if ARGV[3] == '' then
  redis.call('DEL', KEYS[1])
  redis.call('DEL', KEYS[2])
  redis.call('DEL', KEYS[3])
  redis.call('HSET', KEYS[1], 'id', ARGV[2], 'doc', ARGV[9], 'next', '0', 'end', ARGV[8], 'at', str(NOW))
end
redis.call('HSET', KEYS[1], 'st', ARGV[4])
redis.call('HINCRBY', KEYS[1], 'v', '1')
if ARGV[4] == 'over' then redis.call('HSET', KEYS[1], 'till', str(NOW)) end
if ARGV[6] ~= '' then
  redis.call('ZADD', KEYS[4], str(NOW), ARGV[6])
  redis.call('HDEL', KEYS[5], ARGV[6])
end
return { 'ok' }
