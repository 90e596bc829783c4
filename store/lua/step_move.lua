-- step_move: begins the move of an account to another one, or takes one of its steps, once. Whoever is concerned hears of it.
-- KEYS  1 move (hash)  2 terms of the old wallet (hash)  3 moves that have not ended (zset)  4 due news (zset)  5 leases of news (hash)
--       6 times (zset)  7 leases of times (hash)  8 events (stream)  9 seq (string)  10 events of order (list)  11 events of person (list)
-- ARGV  1 offset ms  2 id  3 states it may stand in, with commas ('' begins it)  4 state it gets  5 ms until the clock looks at it ('' leaves
--       that)  6 '1' money of the old wallet stays where it is from now on, '0' it is free again, '' as it was  7 tries allowed ('' is no try)
--       8 ms it is kept once it has ended ('' has not)  9 member of news and times  10 event  11.. field, value, …
-- returns {'ok'} | {'gone'} | {'edge', state} | {'busy'} another move of the account is under way | {'last'} the last try: it has ended
local bad = expect('hash', 'hash', 'zset', 'zset', 'hash', 'zset', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local id, to, kept, member = ARGV[2], ARGV[4], ARGV[8], ARGV[9]
local state = redis.call('HGET', KEYS[1], 'st')
if ARGV[3] == '' then
  if state then return { 'edge', state } end
else
  if not state then return { 'gone' } end
  if not string.find(',' .. ARGV[3] .. ',', ',' .. state .. ',', 1, true) then return { 'edge', state } end
end
local moving = redis.call('HGET', KEYS[2], 'moving')
if (ARGV[3] == '' or ARGV[6] == '1') and moving and moving ~= id then return { 'busy' } end
local word = 'ok'
local tries = tonumber(redis.call('HGET', KEYS[1], 'tries') or '0') + 1
if ARGV[7] ~= '' and tries >= tonumber(ARGV[7]) then word, to, kept = 'last', 'failed', '7776000000' end

emit(KEYS[8], KEYS[9], KEYS[10], KEYS[11], ARGV[10])
redis.call('HSET', KEYS[1], 'st', to)
if ARGV[7] ~= '' then redis.call('HSET', KEYS[1], 'tries', str(tries)) end
for i = 11, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
if ARGV[3] == '' then
  redis.call('HSET', KEYS[1], 'at', str(NOW))
  redis.call('ZADD', KEYS[3], str(NOW), id)
end
if ARGV[5] ~= '' then
  local till = str(NOW + tonumber(ARGV[5]))
  redis.call('HSET', KEYS[1], 'till', till)
  redis.call('ZADD', KEYS[6], till, member)
  redis.call('HDEL', KEYS[7], member)
end
if ARGV[6] == '1' then redis.call('HSET', KEYS[2], 'moving', id) end
if ARGV[6] == '0' and moving == id then redis.call('HDEL', KEYS[2], 'moving') end
if kept ~= '' then
  redis.call('HSET', KEYS[1], 'ended', str(NOW))
  redis.call('ZREM', KEYS[3], id)
  redis.call('ZREM', KEYS[6], member)
  redis.call('HDEL', KEYS[7], member)
  redis.call('PEXPIRE', KEYS[1], kept)
end
redis.call('ZADD', KEYS[4], str(NOW), member)
redis.call('HDEL', KEYS[5], member)
return { word }
