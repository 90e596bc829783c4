-- open_order: one agreed basket becomes an order: hold, placements to be asked, notice, event. Repeating it changes nothing.
-- KEYS  1 order (hash)   2 wallets (hash)   3 ledger (hash)      4 statement of the account (list)
--       5 orders of the buyer (list)        6 open orders (zset) 7 due placements (zset)  8 due notices (zset)
--       9 events (stream) 10 seq (string)  11 events of order (list) 12 events of person (list)
--      13 head (hash)    14 paused suppliers (hash)              15 shop switches (hash)
--      16 orders of the account (list)
-- ARGV  1 offset ms  2 order id  3 account  4 total (minor units)  5 unit price (minor units)  6 cards in all
--       7 document (JSON)  8 buyer  9 chat  10 message  11 provider  12 event  13 chat of the timeline (0 for chat)
--      14 topic there  15.. cards of placement 1, 2, …
-- returns {'opened', balance after} | {'exists'} | {'conflict'} | {'short', balance} | {'closed'} | {'paused', reason} | {'behind'}
local bad = expect('hash', 'hash', 'hash', 'list', 'list', 'zset', 'zset', 'zset', 'stream', 'string', 'list', 'list', 'hash',
  'hash', 'hash', 'list')
if bad then return bad end
local id, account, total = ARGV[2], ARGV[3], tonumber(ARGV[4])
if redis.call('EXISTS', KEYS[1]) == 1 then
  local same = redis.call('HGET', KEYS[1], 'acct') == account and redis.call('HGET', KEYS[1], 'buyer') == ARGV[8]
  return { same and 'exists' or 'conflict' }
end
if redis.call('HEXISTS', KEYS[3], id .. ':hold') == 1 then return { 'conflict' } end
if redis.call('HLEN', KEYS[15]) > 0 then return { 'closed' } end
local reason = redis.call('HGET', KEYS[14], ARGV[11])
if reason then return { 'paused', reason } end
if behind(KEYS[13], KEYS[10]) then return { 'behind' } end
local balance = tonumber(redis.call('HGET', KEYS[2], account) or '0')
if balance < total then return { 'short', str(balance) } end

emit(KEYS[9], KEYS[10], KEYS[11], KEYS[12], ARGV[12])
move(KEYS[2], KEYS[3], id .. ':hold', account, 'hold', total, '', KEYS[4])
redis.call('HSET', KEYS[1], 'st', 'placing', 'acct', account, 'buyer', ARGV[8], 'chat', ARGV[9], 'msg', ARGV[10],
  'prov', ARGV[11], 'total', ARGV[4], 'unit', ARGV[5], 'q', ARGV[6], 'doc', ARGV[7], 'at', str(NOW), 'n', str(#ARGV - 14))
if ARGV[13] ~= '0' then redis.call('HSET', KEYS[1], 'post', ARGV[13], 'thr', ARGV[14]) end
for k = 1, #ARGV - 14 do
  redis.call('HSET', KEYS[1], k .. '.st', 'ready', k .. '.q', ARGV[14 + k])
  redis.call('ZADD', KEYS[7], str(NOW), id .. '.' .. k)
end
redis.call('LPUSH', KEYS[5], id)
redis.call('LPUSH', KEYS[16], id)
redis.call('ZADD', KEYS[6], str(NOW), id)
redis.call('ZADD', KEYS[8], str(NOW + 3000), id)
return { 'opened', str(balance - total) }
