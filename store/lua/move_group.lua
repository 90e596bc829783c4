-- move_group: follows a group that became a supergroup. Its binding goes to the new chat; its wallet keeps its name.
-- KEYS  1 groups (hash)  2 linked (hash)  3 moved (hash)  4 events (stream)  5 seq (string)  6 events of order (list)
--       7 events of person (list)
-- ARGV  1 offset ms  2 former chat  3 new chat  4 account of its wallet  5 event
-- returns {'ok'} | {'same'} it was followed before | {'gone'} it was never linked | {'conflict'} the new chat has another wallet
local bad = expect('hash', 'hash', 'hash', 'stream', 'string', 'list', 'list')
if bad then return bad end
local from, to, account = ARGV[2], ARGV[3], ARGV[4]
local home, there = redis.call('HGET', KEYS[1], from), redis.call('HGET', KEYS[1], to)
if not home then return { redis.call('HGET', KEYS[3], from) == to and 'same' or 'gone' } end
if from == to or home ~= account or (there and there ~= account) then return { 'conflict' } end

emit(KEYS[4], KEYS[5], KEYS[6], KEYS[7], ARGV[5])
redis.call('HSET', KEYS[3], from, to)
redis.call('HSET', KEYS[1], to, account)
redis.call('HDEL', KEYS[1], from)
if redis.call('HGET', KEYS[2], account) == from then redis.call('HSET', KEYS[2], account, to) end
return { 'ok' }
