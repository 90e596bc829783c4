-- open_ticket: a buyer reports a card that does not work. One that was opened, once at a time, and not one that was paid back before.
-- KEYS  1 ticket (hash)  2 its words (hash)  3 tickets about cards of the order (hash)  4 order (hash)  5 tickets of the person (zset)
--       6 tickets about the line (zset)  7 tickets that have not ended (zset)  8 due news (zset)  9 leases of news (hash)
--      10 times (zset)  11 leases of times (hash)  12 events (stream)  13 seq (string)  14 events of order (list)  15 events of person (list)
-- ARGV  1 offset ms  2 id  3 person  4 order  5 card  6 reason  7 words ('' for none)  8 file ('' for none)  9 '1' the file is a document
--      10 tickets of a person in a day  11 ms after the first showing within which a report is in time  12 member of news and times
--      13 event  14 line
-- returns {'opened', the person's in 30 days, the line's in 7 days} | {'exists'} | {'conflict'} | {'gone'} no such order of this person
--       | {'nothing'} no such card, or all are paid back | {'unopened'} | {'busy', id} | {'done'} it was refunded or replaced | {'many'}
local bad = expect('hash', 'hash', 'hash', 'hash', 'zset', 'zset', 'zset', 'zset', 'hash', 'zset', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local id, person, card, member = ARGV[2], ARGV[3], ARGV[5], ARGV[12]
local function get(field) return redis.call('HGET', KEYS[4], field) end
if redis.call('EXISTS', KEYS[1]) == 1 then
  local function is(field, n) return redis.call('HGET', KEYS[1], field) == ARGV[n] end
  return { is('buyer', 3) and is('order', 4) and is('card', 5) and 'exists' or 'conflict' }
end
if get('buyer') ~= person then return { 'gone' } end
local came = tonumber(get('got') or '0')
if not get('final') or tonumber(card) > came or tonumber(get('rf.n') or '0') >= came then return { 'nothing' } end
local first = tonumber(get('rv.first') or '0')
if first == 0 then return { 'unopened' } end
local other = redis.call('HGET', KEYS[3], card)
if other == 'done' then return { 'done' } end
if other then return { 'busy', other } end
if redis.call('ZCOUNT', KEYS[5], str(NOW - 86400000), '+inf') >= tonumber(ARGV[10]) then return { 'many' } end

emit(KEYS[12], KEYS[13], KEYS[14], KEYS[15], ARGV[13])
redis.call('HSET', KEYS[1], 'st', 'open', 'buyer', person, 'order', ARGV[4], 'card', card, 'why', ARGV[6], 'line', ARGV[14],
  'late', NOW - first > tonumber(ARGV[11]) and '1' or '0', 'at', str(NOW), 'waits', str(NOW))
if ARGV[7] ~= '' then redis.call('HSET', KEYS[2], 'c.0', str(NOW) .. '|' .. ARGV[7]) end
if ARGV[8] ~= '' then redis.call('HSET', KEYS[2], 'pic', ARGV[8], 'pic.doc', ARGV[9]) end
redis.call('HSET', KEYS[3], card, id)
redis.call('ZADD', KEYS[5], str(NOW), id)
redis.call('ZADD', KEYS[6], str(NOW), id)
redis.call('ZADD', KEYS[7], str(NOW), id)
redis.call('ZADD', KEYS[8], str(NOW), member)
redis.call('HDEL', KEYS[9], member)
redis.call('ZADD', KEYS[10], str(NOW), member)
redis.call('HDEL', KEYS[11], member)
return { 'opened', str(redis.call('ZCOUNT', KEYS[5], str(NOW - 2592000000), '+inf')), str(redis.call('ZCOUNT', KEYS[6], str(NOW - 604800000), '+inf')) }
