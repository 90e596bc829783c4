-- step_ticket: one step of a ticket. Its money is moved by the steps of orders: here it is only noted what is under way, and how it ended.
-- KEYS  1 ticket (hash)  2 its words (hash)  3 tickets about cards of the order (hash)  4 tickets that have not ended (zset)
--       5 due news (zset)  6 leases of news (hash)  7 times (zset)  8 leases of times (hash)  9 events (stream)  10 seq (string)
--      11 events of order (list)  12 events of person (list)
-- ARGV  1 offset ms  2 id  3 step: claimed, answered, written, paying, back, refunded, replaced, refused or closed  4 who ('0' for the shop)
--       5 the admin it is taken over from  6 words, or the reason; refund or replace with paying  7 reference of the words, or the order
--       that replaces the card  8 most words  9 ms until the clock looks again with paying  10 ms the words are kept after the end
--      11 member of news and times  12 event
-- returns {'ok'} | {'same'} | {'gone'} | {'edge', state, admin who has it} | {'full'} as many words as are kept
local bad = expect('hash', 'hash', 'hash', 'zset', 'zset', 'hash', 'zset', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local id, step, who, member = ARGV[2], ARGV[3], ARGV[4], ARGV[11]
local function get(field) return redis.call('HGET', KEYS[1], field) or '' end
local from, by = get('st'), get('by')
if from == '' then return { 'gone' } end
local mine = from == 'claimed' and by == who
local hers = get('buyer') == who and (from == 'open' or from == 'claimed')
local field = (step == 'answered' and 's.' or 'c.') .. ARGV[7]
local said = step == 'answered' or step == 'written'
if said and redis.call('HEXISTS', KEYS[2], field) == 1 then return { 'same' } end
if from == step and (step ~= 'claimed' or by == who) then return { 'same' } end
local may = (step == 'claimed' and who ~= get('buyer') and who ~= '0' and (from == 'open' or from == 'claimed' and by == ARGV[5] and by ~= ''))
  or (step == 'answered' and mine) or (step == 'written' and hers) or (step == 'paying' and mine) or (step == 'refused' and mine)
  or (step == 'closed' and (mine or hers))
  or ((step == 'back' or step == 'refunded' or step == 'replaced') and from == 'paying' and who == '0')
if not may then return { 'edge', from, by } end
if said and redis.call('HLEN', KEYS[2]) >= tonumber(ARGV[8]) then return { 'full' } end

emit(KEYS[9], KEYS[10], KEYS[11], KEYS[12], ARGV[12])
if said then redis.call('HSET', KEYS[2], field, str(NOW) .. '|' .. ARGV[6]) end
if step == 'claimed' then
  redis.call('HSET', KEYS[1], 'by', who, 'claimed', str(NOW), 'heard', get('last')) -- it reads what was said before
elseif step == 'answered' then
  redis.call('HSET', KEYS[1], 'waits', '0')
elseif step == 'written' then
  redis.call('HSET', KEYS[1], 'waits', str(NOW), 'last', ARGV[7])
  redis.call('ZADD', KEYS[7], str(NOW), member)
  redis.call('HDEL', KEYS[8], member)
elseif step == 'paying' then
  redis.call('HSET', KEYS[1], 'how', ARGV[6], 'new', ARGV[7], 'note', '')
  redis.call('ZADD', KEYS[7], str(NOW + tonumber(ARGV[9])), member)
  redis.call('HDEL', KEYS[8], member)
else
  redis.call('HSET', KEYS[1], 'note', ARGV[6])
end
if step == 'back' then
  redis.call('HSET', KEYS[1], 'st', 'claimed')
elseif not said then
  redis.call('HSET', KEYS[1], 'st', step)
end
if step == 'refunded' or step == 'replaced' or step == 'refused' or step == 'closed' then
  redis.call('HSET', KEYS[1], 'ended', str(NOW), 'waits', '0')
  if step == 'refunded' or step == 'replaced' then
    redis.call('HSET', KEYS[3], get('card'), 'done')
  else
    redis.call('HDEL', KEYS[3], get('card'))
  end
  if hers then redis.call('HSET', KEYS[1], 'told', step) end -- who ends it knows
  redis.call('ZREM', KEYS[4], id)
  redis.call('ZREM', KEYS[7], member)
  redis.call('HDEL', KEYS[8], member)
  redis.call('PEXPIRE', KEYS[2], ARGV[10])
end
redis.call('ZADD', KEYS[5], str(NOW), member)
redis.call('HDEL', KEYS[6], member)
return { 'ok' }
