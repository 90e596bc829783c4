-- decide: takes a placement for a person's decision: not while a worker has it, and whatever a worker that had it writes later
-- is refused. The decision itself is written by settle with this fence, its event first.
-- KEYS  1 order (hash)  2 fence (string)
-- ARGV  1 offset ms  2 k  3 lease ms  4 note  5.. states that may be decided about
-- returns {'taken', fence, now ms, field, value, …} | {'gone'} | {'edge', state} | {'leased'}
local bad = expect('hash', 'string')
if bad then return bad end
local k = ARGV[2]
local state = redis.call('HGET', KEYS[1], k .. '.st')
if not state then return { 'gone' } end
local open = false
for i = 5, #ARGV do open = open or ARGV[i] == state end
if not open then return { 'edge', state } end
if tonumber(redis.call('HGET', KEYS[1], k .. '.until') or '0') > NOW then return { 'leased' } end

local fence = str(redis.call('INCR', KEYS[2]))
redis.call('HSET', KEYS[1], k .. '.fence', fence, k .. '.until', str(NOW + tonumber(ARGV[3])), k .. '.note', fence .. ' ' .. ARGV[4])
local out = { 'taken', fence, str(NOW) }
for _, v in ipairs(redis.call('HGETALL', KEYS[1])) do out[#out + 1] = v end
return out
