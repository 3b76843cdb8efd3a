-- wrk: one request per key in rotation, prepared before the clock starts. Prints one line of JSON at the end.
local requests, next_request = {}, 0

function init(args)
    for key in io.lines(args[1]) do
        requests[#requests + 1] = wrk.format("GET", args[2] or "/", {
            ["Host"] = "127.0.0.1",
            ["Authorization"] = "Bearer " .. key,
        })
    end
end

function request()
    next_request = next_request % #requests + 1
    return requests[next_request]
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format(
        '{"requests": %d, "seconds": %.6f, "p50_us": %d, "p99_us": %d, "max_us": %d, '
            .. '"errors": {"connect": %d, "read": %d, "write": %d, "status": %d, "timeout": %d}}\n',
        summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99), latency.max,
        e.connect, e.read, e.write, e.status, e.timeout))
end
