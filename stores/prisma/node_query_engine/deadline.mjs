// Work that must not take for ever.

// The work's own end, or after so many seconds (0: never) the error that `late` makes of them.
export async function within(seconds, work, late) {
  if (!seconds) return work
  let timer
  const end = new Promise((_, reject) => {
    timer = setTimeout(() => reject(late(seconds)), seconds * 1000)
  })
  return Promise.race([work, end]).finally(() => clearTimeout(timer))
}
