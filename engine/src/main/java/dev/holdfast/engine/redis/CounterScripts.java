package dev.holdfast.engine.redis;

/**
 * What happens to counters, each in one step. A counter is a hash: {@code available}; {@code seq}, which every change makes grow;
 * {@code raises}, which grows when the database had more to promise than before. Both begin at the time of loading, so that no
 * counter that was lost and loaded again repeats an older one's numbers. No counter is ever created but from the database.
 */
final class CounterScripts {
    /** How long a "no" of the database is repeated: what a raise that nobody told Redis of can cost a buyer at most. */
    private static final int REFUSAL_MILLIS = 1_000;

    /** Of a counter that nobody compares any more: its engines are gone. */
    private static final int COUNTER_MILLIS = 3_600_000;

    /**
     * Takes all units or none. KEYS: in-flight, n counters, n refusals. ARGV: take, its lines, n units. Returns whether it took
     * them, then of each stock what was available, its raises and its refusal, each empty if there is none.
     */
    static final Script TAKE = Script.of("take", """
            local n = (#KEYS - 1) / 2
            local answer = {1}
            for i = 1, n do
              local counter = redis.call('HMGET', KEYS[1 + i], 'available', 'raises')
              if not counter[1] or tonumber(counter[1]) < tonumber(ARGV[2 + i]) then answer[1] = 0 end
              answer[#answer + 1] = counter[1] or ''
              answer[#answer + 1] = counter[2] or ''
              answer[#answer + 1] = redis.call('GET', KEYS[1 + n + i]) or ''
            end
            if answer[1] == 1 then
              for i = 1, n do
                redis.call('HINCRBY', KEYS[1 + i], 'available', '-' .. ARGV[2 + i])
                redis.call('HINCRBY', KEYS[1 + i], 'seq', 1)
              end
              redis.call('HSET', KEYS[1], ARGV[1], redis.call('TIME')[1] .. '\\n' .. ARGV[2])
            end
            return answer
            """);

    /**
     * Tells what the database decided. KEYS: in-flight, n counters, n refusals. ARGV: take or empty, then of each stock: units
     * taken, change in the database, the raises that a refusal holds for, the refusal or empty. The units come back with the take, as
     * their share of the change has been counted before. A take that is gone (Redis was emptied, or somebody gave it back)
     * makes the counters doubtful: they are forgotten. Returns of each stock whether it has a counter.
     */
    static final Script SETTLE = Script.of("settle", """
            local n = (#KEYS - 1) / 2
            local answer = {}
            local taken = ARGV[1] ~= '' and redis.call('HDEL', KEYS[1], ARGV[1]) == 1
            for i = 1, n do
              local counter, refusal = KEYS[1 + i], KEYS[1 + n + i]
              local units, change, raises, no = unpack(ARGV, 4 * i - 2, 4 * i + 1)
              if ARGV[1] ~= '' and not taken then redis.call('DEL', counter) end
              if tonumber(change) > 0 then redis.call('DEL', refusal) end
              answer[i] = redis.call('EXISTS', counter)
              if answer[i] == 1 then
                redis.call('HINCRBY', counter, 'seq', 1)
                redis.call('HINCRBY', counter, 'available', change)
                if taken then redis.call('HINCRBY', counter, 'available', units) end
                if tonumber(change) > 0 then redis.call('HINCRBY', counter, 'raises', 1) end
                if no ~= '' and raises == redis.call('HGET', counter, 'raises') then
                  redis.call('SET', refusal, no, 'PX', %d)
                end
              end
            end
            return answer
            """.formatted(REFUSAL_MILLIS));

    /** KEYS: in-flight, n counters, n refusals. Returns the time in seconds, what is in flight, then of each stock its seq or empty. */
    static final Script READ = Script.of("read", """
            local answer = {redis.call('TIME')[1], redis.call('HGETALL', KEYS[1])}
            for i = 2, (#KEYS + 1) / 2 do answer[#answer + 1] = redis.call('HGET', KEYS[i], 'seq') or '' end
            return answer
            """);

    /**
     * Sets counters to what the database says, unless they have changed since they were read. KEYS: in-flight, n counters, n refusals.
     * ARGV: of each stock: seq read or empty, units. Returns of each stock by how much it was wrong, or "loaded" or "changed".
     */
    static final Script CORRECT = Script.of("correct", """
            local n = (#KEYS - 1) / 2
            local answer = {}
            local time = redis.call('TIME')
            local now = time[1] .. string.format('%%06d', time[2])
            redis.call('PEXPIRE', KEYS[1], %1$d)
            for i = 1, n do
              local counter = KEYS[1 + i]
              local seq, units = ARGV[2 * i - 1], ARGV[2 * i]
              if (redis.call('HGET', counter, 'seq') or '') ~= seq then
                answer[i] = 'changed'
              else
                local wrong = 'loaded'
                if seq == '' then
                  redis.call('HSET', counter, 'available', units, 'seq', now, 'raises', now)
                else
                  wrong = tonumber(units) - tonumber(redis.call('HGET', counter, 'available'))
                  if wrong ~= 0 then
                    redis.call('HSET', counter, 'available', units)
                    redis.call('HINCRBY', counter, 'seq', 1)
                  end
                  if wrong > 0 then
                    redis.call('HINCRBY', counter, 'raises', 1)
                    redis.call('DEL', KEYS[1 + n + i])
                  end
                  wrong = string.format('%%.0f', wrong)
                end
                redis.call('PEXPIRE', counter, %1$d)
                answer[i] = wrong
              end
            end
            return answer
            """.formatted(COUNTER_MILLIS));

    /**
     * Ends a take that nobody will settle. KEYS: in-flight, n counters, n refusals. ARGV: the take, and of each counter the units to
     * give back. Returns 1 if it was still there: to one of several nodes only.
     */
    static final Script END = Script.of("end", """
            local ended = redis.call('HDEL', KEYS[1], ARGV[1])
            for i = 2, (#KEYS + 1) / 2 do
              if ended == 1 and redis.call('EXISTS', KEYS[i]) == 1 then
                redis.call('HINCRBY', KEYS[i], 'available', ARGV[i])
                redis.call('HINCRBY', KEYS[i], 'seq', 1)
              end
            end
            return {ended}
            """);

    private CounterScripts() {}
}
