-- Globals stay; `local` ends with its cell. lua-posix: an interrupt becomes an error, each time.
local mark = os.getenv("LECTERN_MARK")
local signal = require("posix.signal")
io.stdout:setvbuf("no")
print(mark .. "ready")
for path in io.lines() do
    signal.signal(signal.SIGINT, function() error("interrupted", 0) end)
    local file = assert(io.open(path))
    local text = file:read("a")
    file:close()
    local cell, problem = load("return " .. text, "=cell")
    if not cell then cell, problem = load(text, "=cell") end
    local result = { false, problem }
    if cell then
        result = table.pack(xpcall(cell, function(message) return debug.traceback(tostring(message), 2) end))
    end
    if not result[1] then
        print(mark .. "error\nError\n" .. tostring(result[2]):gsub("\n%s*%[C%]: in function 'xpcall'.*", ""))
    elseif result[2] ~= nil then
        print(table.unpack(result, 2, result.n))
    end
    print(mark .. "ready")
end
