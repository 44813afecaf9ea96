// "Address in use" is only half an answer; on Linux the other half stands in /proc, for processes of the same user.

import {readdir, readFile, readlink} from 'node:fs/promises'

/** Who listens on a TCP port of this host: `node (pid 4711)`; null when that cannot be known. Never its arguments. */
export async function portHolder(port: number): Promise<string | null> {
  try {
    const inode = (await listeningInode(port, 'tcp')) ?? (await listeningInode(port, 'tcp6'))
    if (inode === null) return null
    const pid = await processWithSocket(`socket:[${inode}]`)
    if (pid === null) return null
    return `${(await readFile(`/proc/${pid}/comm`, 'utf8')).trim()} (pid ${pid})`
  } catch {
    return null
  }
}

const LISTEN = '0A'

async function listeningInode(port: number, table: 'tcp' | 'tcp6'): Promise<string | null> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  for (const line of (await readFile(`/proc/net/${table}`, 'utf8')).split('\n').slice(1)) {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/)
    if (local.endsWith(suffix) && state === LISTEN && inode !== undefined) return inode
  }
  return null
}

async function processWithSocket(link: string): Promise<string | null> {
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    // Other users' processes cannot be looked into.
    const fds = await readdir(`/proc/${pid}/fd`).catch(() => [])
    for (const fd of fds) {
      if ((await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')) === link) return pid
    }
  }
  return null
}
