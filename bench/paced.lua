-- keys.lua with a pause before each request: load that leaves the gateway idle for a part of the time, as real load does.
dofile(os.getenv("MINTGATE_BENCH_KEYS_LUA"))

function delay()
    return 2
end
