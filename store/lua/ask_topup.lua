-- ask_topup: a request to fill a wallet begins. It takes the first account whose ceiling of the day leaves room, and keeps that room.
-- KEYS  1 request (hash)  2 requests of the person (list)  3 open requests of the person (zset)  4 promised that day (hash)
--       5 times (zset)  6 events (stream)  7 seq (string)  8 events of order (list)  9 events of person (list)
--      10 work that begins with a request whose payment a machine sees (zset)
-- ARGV  1 offset ms  2 id  3 person  4 wallet  5 method  6 amount (minor units)  7 day  8 life ms  9 open requests allowed
--      10 event  11 '1' a number is needed  12 '1' a picture is wanted  13 '1' a machine sees the payment
--      14.. account, ceiling of the day ('0' for none), …
-- returns {'asked'} | {'exists'} | {'conflict'} | {'many'} too many are open | {'full'} every account has reached its ceiling
local bad = expect('hash', 'list', 'zset', 'hash', 'zset', 'stream', 'string', 'list', 'list', 'zset')
if bad then return bad end
local id, method, amount = ARGV[2], ARGV[5], tonumber(ARGV[6])
if redis.call('EXISTS', KEYS[1]) == 1 then
  local function is(field, n) return redis.call('HGET', KEYS[1], field) == ARGV[n] end
  return { is('buyer', 3) and is('acct', 4) and is('method', 5) and is('amount', 6) and 'exists' or 'conflict' }
end
if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[9]) then return { 'many' } end
local payee
for i = 14, #ARGV, 2 do
  local used = tonumber(redis.call('HGET', KEYS[4], method .. ' ' .. ARGV[i]) or '0')
  if not payee and (ARGV[i + 1] == '0' or used + amount <= tonumber(ARGV[i + 1])) then payee = ARGV[i] end
end
if not payee then return { 'full' } end

emit(KEYS[6], KEYS[7], KEYS[8], KEYS[9], ARGV[10])
redis.call('HSET', KEYS[1], 'st', 'asked', 'buyer', ARGV[3], 'acct', ARGV[4], 'method', method, 'amount', ARGV[6], 'day', ARGV[7],
  'payee', payee, 'at', str(NOW), 'till', str(NOW + tonumber(ARGV[8])), 'need.n', ARGV[11], 'need.p', ARGV[12], 'auto', ARGV[13])
redis.call('LPUSH', KEYS[2], id)
redis.call('ZADD', KEYS[3], str(NOW), id)
redis.call('HINCRBY', KEYS[4], method .. ' ' .. payee, ARGV[6])
redis.call('ZADD', KEYS[5], str(NOW + tonumber(ARGV[8])), id)
if ARGV[13] == '1' then redis.call('ZADD', KEYS[10], str(NOW), id) end
return { 'asked' }
