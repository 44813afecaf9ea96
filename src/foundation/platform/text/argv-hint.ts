// Why a program of a command line is not there, when the line was written for a shell, or for Windows: the split has other
// rules, and "not found" does not tell which of them was meant otherwise.

const SHELL_WORD = /^(?:cd|exec|export|set|source|ulimit|\.)$|^[A-Za-z_]\w*=|^[~$]/

/** What to write instead, in one sentence; null when the program may just be missing. `argv`: what the split made of it. */
export function argvHint(command: string, [program]: readonly [string, ...string[]]): string | null {
  if (/\\\w/.test(command) && !program.includes('\\')) {
    return 'A backslash stands for the character behind it: write / in paths, or put the path in single quotes'
  }
  if (SHELL_WORD.test(program)) {
    return "No shell reads this command: write sh -c '…' around it, or put it into a script"
  }
  return null
}
