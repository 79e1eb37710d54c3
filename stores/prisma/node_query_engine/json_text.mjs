// Strings inside a JSON text, found by hand: a pattern that matches a string of many megabytes overflows its stack.

// Where the string that begins at `begin` (its quotation mark) ends: the place behind its last quotation mark, -1 where
// it does not end.
export function endOfString(text, begin) {
  for (let end = text.indexOf('"', begin + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let at = end - 1
    while (text[at] === '\\') at -= 1
    if ((end - at) % 2 === 1) return end + 1 // an even number of backslashes before it
  }
  return -1
}
