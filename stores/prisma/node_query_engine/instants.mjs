// Times with an offset, brought to UTC. PostgreSQL writes them in the session's time zone (DateStyle ISO), so the
// offset decides the instant; dropping it, as node drivers for Prisma do, shifts every value outside UTC.

const INSTANT = /^(\d{4,})-(\d\d)-(\d\d) (\d\d):(\d\d):(\d\d)(\.\d+)?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?( BC)?$/
const TIME = /^(\d\d):(\d\d):(\d\d)(\.\d+)?([+-])(\d\d)(?::(\d\d))?(?::(\d\d))?$/

const two = (number) => String(number).padStart(2, '0')
const offset = (sign, hours, minutes = 0, seconds = 0) =>
  (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds))

// '2024-03-31 10:00:00.123456+02' -> '2024-03-31 08:00:00.123456'. What is no such text (infinity) stays as it is.
export function asUtc(text) {
  const found = INSTANT.exec(text)
  if (!found || found[12]) return text
  const [, year, month, day, hour, minute, second, fraction = '', ...zone] = found
  const shift = offset(...zone.slice(0, 4))
  if (shift === 0) return `${year}-${month}-${day} ${hour}:${minute}:${second}${fraction}`
  const moment = new Date(0)
  moment.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  moment.setUTCHours(Number(hour), Number(minute), Number(second) - shift)
  const date = `${String(moment.getUTCFullYear()).padStart(4, '0')}-${two(moment.getUTCMonth() + 1)}-${two(moment.getUTCDate())}`
  return `${date} ${two(moment.getUTCHours())}:${two(moment.getUTCMinutes())}:${two(moment.getUTCSeconds())}${fraction}`
}

// '10:00:00+02' -> '08:00:00'; a time of day wraps at midnight.
export function timeAsUtc(text) {
  const found = TIME.exec(text)
  if (!found) return text
  const [, hour, minute, second, fraction = '', ...zone] = found
  const seconds = Number(hour) * 3600 + Number(minute) * 60 + Number(second) - offset(...zone)
  const day = ((seconds % 86400) + 86400) % 86400
  return `${two(Math.floor(day / 3600))}:${two(Math.floor(day / 60) % 60)}:${two(day % 60)}${fraction}`
}
