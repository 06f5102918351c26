namespace DataLayer.Engines.Redis;

/// <summary>
/// What runs in the server, as Lua, each atomically. Numbers there are doubles, exact up to 2^53: times and versions stay below.
/// </summary>
internal static class RedisScripts
{
    /// <summary>
    /// Writes latest values and publishes them. KEYS: hashes of metrics. ARGV: the writer's run, the command that publishes (or ''), time to live of a hash in ms (or 0); then for each key:
    /// number of samples, their least time (or '' where some may be older than what is stored) and greatest time, the channel (or ''), and as many pairs of series and sample, of one series by ascending time.
    /// The field <c>writer</c> is "run floor top": who wrote last, the greatest time that anyone else has stored before, the greatest time of all. A writer knows what it has stored itself, so its samples
    /// replace without a comparison, seven times as fast, when they are after the floor. Everything else (another writer, a late sample, a call that comes late over an old connection) is compared one by one.
    /// </summary>
    public const string Latest = """
        local call, sub, run, publish, ttl, at = redis.call, string.sub, ARGV[1], ARGV[2], tonumber(ARGV[3]), 4
        local function body(text) return string.match(text, '^(.*) %d+$') end
        local function version(text) return tonumber(string.match(text, ' (%d+)$')) end
        local function compare(key, first, last, channel)
          local ids, held, changed, set, n = {}, {}, {}, {}, 0
          for i = first, last, 2 do if held[ARGV[i]] == nil then n = n + 1 ids[n] = ARGV[i] held[ARGV[i]] = false end end
          local stored = call('HMGET', key, unpack(ids))
          for i = 1, n do held[ids[i]] = stored[i] end
          for i = first, last, 2 do
            local id, new = ARGV[i], ARGV[i + 1]
            local old = held[id]
            local a, b = tonumber(sub(new, 1, 17)), old and tonumber(sub(old, 1, 17))
            if not old or a > b or (a == b and version(new) >= version(old)) then
              if channel ~= '' and (not old or a > b or body(new) ~= body(old)) then call(publish, channel, id .. ' ' .. new) end
              held[id] = new
              changed[id] = true
            end
          end
          for id in pairs(changed) do set[#set + 1] = id set[#set + 1] = held[id] end
          if #set > 0 then call('HSET', key, unpack(set)) end
        end
        for k = 1, #KEYS do
          local key, count, least, greatest, channel = KEYS[k], tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2]), ARGV[at + 3]
          local first, last = at + 4, at + 3 + 2 * count
          local floor, top = -1e300, -1e300
          local header = call('HGET', key, 'writer')
          if header then
            local writer, f, t = string.match(header, '^(%S+) (%S+) (%S+)$')
            top = tonumber(t)
            if writer == run then floor = tonumber(f) else floor = top end
          end
          if greatest > top then top = greatest end
          header = string.format('%s %.17g %.17g', run, floor, top)
          if least and least > floor then
            call('HSET', key, 'writer', header, unpack(ARGV, first, last))
            if channel ~= '' then for i = first, last, 2 do call(publish, channel, ARGV[i] .. ' ' .. ARGV[i + 1]) end end
          else
            call('HSET', key, 'writer', header)
            compare(key, first, last, channel)
          end
          if ttl > 0 then call('PEXPIRE', key, ttl) end
          at = last + 1
        end
        return #KEYS
        """;

    /// <summary>
    /// Adds samples to windows. KEYS: windows. ARGV: records that a window keeps, the time before which they may go (or ''), time to live in ms (or 0); then for each key its new records, times ascending.
    /// New ones at the end are appended; others are merged in, where of two with one time the greater version stays. Returns the greatest time that was dropped, or ''.
    /// </summary>
    public const string Window = """
        local call, keep, cutoff, ttl, dropped = redis.call, tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), nil
        local function time(text, i) return (struct.unpack('>i8', text, i * 28 + 1)) end
        local function version(text, i) return (struct.unpack('>i8', text, i * 28 + 21)) end
        local function record(text, i) return string.sub(text, i * 28 + 1, i * 28 + 28) end
        local function first(text, n, bound)
          local low, high = 0, n
          while low < high do
            local middle = math.floor((low + high) / 2)
            if time(text, middle) < bound then low = middle + 1 else high = middle end
          end
          return low
        end
        local function merge(key, new)
          local old = call('GET', key)
          local n, m = #old / 28, #new / 28
          local start = first(old, n, time(new, 0))
          local i, j, out = start, 0, {}
          while i < n or j < m do
            local a, b = i < n and time(old, i), j < m and time(new, j)
            if not b or (a and a < b) then out[#out + 1] = record(old, i) i = i + 1
            elseif not a or b < a then out[#out + 1] = record(new, j) j = j + 1
            else
              if version(new, j) >= version(old, i) then out[#out + 1] = record(new, j) else out[#out + 1] = record(old, i) end
              i = i + 1 j = j + 1
            end
          end
          local merged = table.concat(out)
          call('SETRANGE', key, start * 28, merged)
          return start * 28 + #merged
        end
        for k = 1, #KEYS do
          local key, new = KEYS[k], ARGV[3 + k]
          local tail, length = call('GETRANGE', key, -28, -1), nil
          if #tail == 0 or time(tail, 0) < time(new, 0) then length = call('APPEND', key, new) else length = merge(key, new) end
          local count, before, drop = length / 28, (length - #new) / 28, 0
          if count > 2 * keep then drop = count - keep end
          if drop > 0 or (cutoff and math.floor(before / 64) ~= math.floor(count / 64)) then
            local all = call('GET', key)
            if cutoff then drop = math.max(drop, first(all, count, cutoff)) end
            if drop > 0 then
              local last = time(all, drop - 1)
              if not dropped or last > dropped then dropped = last end
              if drop < count then call('SET', key, string.sub(all, drop * 28 + 1), 'KEEPTTL') else call('DEL', key) end
            end
          end
          if ttl > 0 then call('PEXPIRE', key, ttl) end
        end
        return dropped and string.format('%.0f', dropped) or ''
        """;

    /// <summary>
    /// KEYS: a hash with positions. ARGV: source, its number of moves as the caller knows it, the position to reach, the greatest time stored (or ''), the greatest time dropped (or ''), the position that
    /// the caller has seen there. The position never goes back. Returns 'ok'; or changes nothing and returns 'moved' where someone has set the position meanwhile, 'lost' where it is before the one seen.
    /// </summary>
    public const string Advance = """
        local key, source = KEYS[1], ARGV[1]
        if (redis.call('HGET', key, source .. ':moves') or '0') ~= ARGV[2] then return 'moved' end
        local before = redis.call('HGET', key, source)
        if tonumber(before or '0') < tonumber(ARGV[6]) then return 'lost' end
        if not before or tonumber(before) < tonumber(ARGV[3]) then redis.call('HSET', key, source, ARGV[3]) end
        for i, field in ipairs({'last_time', 'dropped_time'}) do
          local new, old = tonumber(ARGV[3 + i]), redis.call('HGET', key, field)
          if new and (not old or tonumber(old) < new) then redis.call('HSET', key, field, ARGV[3 + i]) end
        end
        return 'ok'
        """;

    /// <summary>KEYS: a hash with positions. ARGV: source, position. Sets it, back or forward; who knows the one before is refused from now on. Returns the number of moves.</summary>
    public const string Move = """
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
        return redis.call('HINCRBY', KEYS[1], ARGV[1] .. ':moves', 1)
        """;

    /// <summary>KEYS: a metric's latest values and its series. ARGV: where to go on, the time before which values go. Looks at about a thousand. Returns where to go on, and how many went.</summary>
    public const string Expire = """
        local page, gone = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', 1000), {}
        for i = 1, #page[2], 2 do
          if page[2][i] ~= 'writer' and tonumber(string.sub(page[2][i + 1], 1, 17)) < tonumber(ARGV[2]) then gone[#gone + 1] = page[2][i] end
        end
        if #gone > 0 then redis.call('HDEL', KEYS[1], unpack(gone)) redis.call('HDEL', KEYS[2], unpack(gone)) end
        return {page[1], #gone}
        """;
}
