-- keys.lua with a pause of random length before each request, so that requests come when they come and not when the gateway
-- has answered others: with many connections, load of a steady rate.
dofile(os.getenv("MINTGATE_BENCH_KEYS_LUA"))

local mean = tonumber(os.getenv("MINTGATE_BENCH_PAUSE_MS"))

function delay()
    return math.floor(-math.log(1 - math.random()) * mean + 0.5)
end
