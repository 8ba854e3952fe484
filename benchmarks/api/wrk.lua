-- What wrk found, as one line of JSON. Times are in microseconds.

local line = '{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"bad_answers":%d,"broken":%d}\n'

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(line, summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
