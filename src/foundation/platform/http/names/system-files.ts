// The files that getaddrinfo obeys, read the way it reads them.

import {readFileSync} from 'node:fs'
import {readFile} from 'node:fs/promises'
import {isIP} from 'node:net'
import {hostname} from 'node:os'

/** What resolv.conf says, with the defaults of resolver(5). */
export interface ResolvConf {
  readonly servers: readonly string[]
  readonly search: readonly string[]
  readonly ndots: number
  readonly attempts: number
  readonly timeoutMs: number
  /** Options that our own queries do not imitate. */
  readonly foreign: readonly string[]
}

/** Options that change nothing in what is found. */
const HARMLESS =
  /^(ndots|timeout|attempts):\d+$|^(rotate|edns0|trust-ad|single-request|single-request-reopen|no-tld-query|no-check-names|debug)$/

/** Reads the text of a resolv.conf. */
export function parseResolvConf(text: string): ResolvConf {
  const servers: string[] = []
  let search: string[] | null = null
  const options: string[] = []
  for (const line of text.split('\n')) {
    if (/^[#;]/.test(line)) continue
    const [word, ...rest] = line.trim().split(/\s+/)
    if (word === 'nameserver' && rest[0]) servers.push(rest[0])
    else if (word === 'search') search = rest
    else if (word === 'domain') search = rest.slice(0, 1)
    else if (word === 'options') options.push(...rest)
    else if (word === 'sortlist') options.push('sortlist')
  }
  const number = (name: string, fallback: number, most: number): number => {
    const found = options.findLast((option) => option.startsWith(`${name}:`))
    const value = found ? Number(found.slice(name.length + 1)) : Number.NaN
    return Number.isInteger(value) ? Math.min(value, most) : fallback
  }
  const dot = hostname().indexOf('.')
  return {
    servers: servers.length > 0 ? servers.slice(0, 3) : ['127.0.0.1'],
    search: (search ?? (dot > 0 ? [hostname().slice(dot + 1)] : [])).map((domain) => domain.replace(/\.$/, '')),
    ndots: number('ndots', 1, 15),
    attempts: Math.max(1, number('attempts', 2, 5)),
    timeoutMs: Math.max(1, number('timeout', 5, 30)) * 1000,
    foreign: options.filter((option) => !HARMLESS.test(option)),
  }
}

/** True when nsswitch.conf sends host names to the hosts file, then to DNS, and nowhere else. */
export function isFilesDns(text: string): boolean {
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
  const hosts = lines.filter((line) => line.startsWith('hosts:'))
  return hosts.length === 1 && /^hosts:\s*files\s+dns$/.test(hosts[0]!)
}

/** Every address that the text of a hosts file gives to `name`, in its order. */
export function parseHosts(text: string, name: string): string[] {
  const wanted = name.toLowerCase()
  const found: string[] = []
  for (const line of text.split('\n')) {
    const [address, ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (!address || !isIP(address) || found.includes(address)) continue
    if (names.some((one) => one.toLowerCase() === wanted)) found.push(address)
  }
  return found
}

/** Addresses of `name` in this machine's hosts file; none when there is no such file. */
export async function hostsAddresses(name: string): Promise<string[]> {
  const path =
    process.platform === 'win32'
      ? `${process.env.SystemRoot ?? 'C:\\Windows'}\\System32\\drivers\\etc\\hosts`
      : '/etc/hosts'
  try {
    return parseHosts(await readFile(path, 'utf8'), name)
  } catch {
    return []
  }
}

/** The text of a small system file, or null. */
export function systemText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
