-- trim: removes the oldest linked entries of the record, their macs and their places in the lists by order, person, group, actor and kind.
-- KEYS  1 head (hash)  2 events (stream)  3 macs (list)  4 first list of entries, and as many more as there are
-- ARGV  1 offset ms  2 how many entries  3 id of the first  4 the least id that stays  5.. the ids for each list, between spaces
-- returns {'ok'} | {'moved'} the record begins with another entry: another process was faster
local bad = expect('hash', 'stream', 'list', 'list')
if bad then return bad end
local first = redis.call('XRANGE', KEYS[2], '-', '+', 'COUNT', '1')
if not first[1] or first[1][1] ~= ARGV[3] then return { 'moved' } end
redis.call('XTRIM', KEYS[2], 'MINID', ARGV[4])
redis.call('LTRIM', KEYS[3], ARGV[2], '-1')
redis.call('HINCRBY', KEYS[1], 'gone', ARGV[2])
for i = 4, #KEYS do
  for id in string.gmatch(ARGV[i + 1], '%S+') do
    if redis.call('LINDEX', KEYS[i], '0') == id then redis.call('LPOP', KEYS[i]) end
  end
end
return { 'ok' }
