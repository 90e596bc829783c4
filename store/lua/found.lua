-- found: an order of a supplier that nobody here knows gets a place in which its cards can be kept as the shop's own: an order without
-- money that ended long ago, owned by nobody, looked at again at once.
-- KEYS  1 order (hash)  2 handles (hash)  3 orders of the account (list)  4 due look-backs (zset)
--       5 events (stream)  6 seq (string)  7 events of order (list)  8 events of person (list)
-- ARGV  1 offset ms  2 order id  3 account  4 provider  5 handle  6 cards  7 document (JSON)  8 event
-- returns {'found'} | {'owned'} the supplier's order belongs to a placement | {'conflict'} the id was used before
local bad = expect('hash', 'hash', 'list', 'zset', 'stream', 'string', 'list', 'list')
if bad then return bad end
local id, member, handle = ARGV[2], ARGV[2] .. '.1', ARGV[4] .. ':' .. ARGV[5]
if redis.call('HEXISTS', KEYS[2], handle) == 1 then return { 'owned' } end
if redis.call('EXISTS', KEYS[1]) == 1 then return { 'conflict' } end

emit(KEYS[5], KEYS[6], KEYS[7], KEYS[8], ARGV[8])
redis.call('HSET', KEYS[1], 'st', 'refused', 'acct', ARGV[3], 'buyer', '0', 'chat', '0', 'msg', '0', 'prov', ARGV[4], 'total', '0',
  'unit', '0', 'q', ARGV[6], 'doc', ARGV[7], 'at', str(NOW), 'final', str(NOW), 'back', '0', 'n', '1', 'told', 'found',
  '1.st', 'refused', '1.q', ARGV[6], '1.h', ARGV[5], '1.sent', str(NOW), '1.by', str(NOW))
redis.call('HSET', KEYS[2], handle, member)
redis.call('LPUSH', KEYS[3], id)
redis.call('ZADD', KEYS[4], str(NOW), member)
return { 'found' }
