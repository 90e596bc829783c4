-- link_group: makes a chat a reseller with a wallet of its own, or ends that; the wallet stays the chat's.
-- KEYS  1 groups (hash)  2 linked (hash)  3 events (stream)  4 seq (string)  5 events of order (list)  6 events of person (list)
-- ARGV  1 offset ms  2 chat  3 account of its wallet  4 '1' links, '0' ends it  5 event
-- returns {'ok'} | {'same'} it stands so already | {'conflict'} the chat or the wallet belongs to another
local bad = expect('hash', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local chat, account = ARGV[2], ARGV[3]
local home = redis.call('HGET', KEYS[1], chat)
local at = redis.call('HGET', KEYS[2], account)
if (home and home ~= account) or (at and at ~= chat) then return { 'conflict' } end
if (at == chat) == (ARGV[4] == '1') then return { 'same' } end

emit(KEYS[3], KEYS[4], KEYS[5], KEYS[6], ARGV[5])
if ARGV[4] == '1' then
  redis.call('HSET', KEYS[1], chat, account)
  redis.call('HSET', KEYS[2], account, chat)
else
  redis.call('HDEL', KEYS[2], account)
end
return { 'ok' }
