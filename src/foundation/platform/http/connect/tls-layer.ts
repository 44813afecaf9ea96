// TLS on top of a connected socket: verified always, one secure context per identity, own time-out, own classes.

import {readFileSync} from 'node:fs'
import {isIP, type Socket} from 'node:net'
import {
  checkServerIdentity,
  connect,
  createSecureContext,
  type PeerCertificate,
  type SecureContext,
  type TLSSocket,
} from 'node:tls'
import {lateTimer} from '../../time/late-check.ts'
import {type Cause, cause, classifyTls, codeOf} from '../classify.ts'
import type {DestinationSpec} from '../types.ts'

/** What a destination trusts and shows, as one secure context that is built once, at its first use. */
export interface TlsIdentity {
  readonly clientCertificate: boolean
  /** Throws when the configured certificate or key cannot be used. */
  context(): SecureContext
}

/** The PEM certificates in a text, one by one: Node reads only the first of a bundle that is handed to `addCACert`. */
const PEM = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]+-----END (?:TRUSTED )?CERTIFICATE-----/g

/** The identity of a destination. */
export function tlsIdentity(spec: DestinationSpec): TlsIdentity {
  let built: SecureContext | null = null
  return {
    clientCertificate: spec.clientCertificate !== undefined,
    context() {
      built ??= buildContext(spec)
      return built
    },
  }
}

function buildContext({extraCa, clientCertificate}: DestinationSpec): SecureContext {
  const context = createSecureContext({
    minVersion: 'TLSv1.2',
    allowPartialTrustChain: true,
    ...(clientCertificate ? {cert: clientCertificate.cert, key: clientCertificate.key.reveal()} : {}),
  })
  if (!extraCa || extraCa.length === 0) return context
  // `ca:` would replace the default store (and costs 25 to 55 ms); adding to it makes Node copy its bundled roots, which
  // leaves out what NODE_EXTRA_CA_CERTS brought, so those are added again.
  const native = (context as unknown as {context: {addCACert(pem: string): void}}).context
  for (const pem of [...nodeExtraCa(), ...extraCa]) for (const [one] of pem.matchAll(PEM)) native.addCACert(one)
  return context
}

function nodeExtraCa(): string[] {
  const file = process.env.NODE_EXTRA_CA_CERTS
  if (!file) return []
  try {
    return [readFileSync(file, 'utf8')]
  } catch {
    return [] // Node has warned about it at start
  }
}

/** One handshake. */
export interface HandshakeOptions {
  readonly socket: Socket
  /** The name that the certificate must carry: host of the origin, without a trailing dot. */
  readonly host: string
  readonly identity: TlsIdentity
  readonly budgetMs: number
  /**
   * Wait this long after the handshake, writing nothing: TLS 1.3 refuses a client's certificate only then, and a request
   * written meanwhile may turn the refusal into a bare reset. 0 for traffic, 150 for a diagnosis.
   */
  readonly quietMs: number
}

/** How a handshake ended. */
export type HandshakeResult =
  | {readonly socket: TLSSocket; readonly detail: string}
  | {readonly socket: null; readonly cause: Cause}

/** Speaks TLS as a client. The returned function gives up and closes the socket, at any time. */
export function handshake(
  {socket, host, identity, budgetMs, quietMs}: HandshakeOptions,
  done: (result: HandshakeResult) => void,
): () => void {
  let over = false
  let secure: TLSSocket | null = null
  const finish = (result: HandshakeResult): void => {
    if (over) return
    over = true
    cancelBudget()
    if (!result.socket) {
      secure?.destroy()
      socket.destroy()
    }
    done(result)
  }
  const fail = (failed: Cause): void => finish({socket: null, cause: failed})
  const cancelBudget = lateTimer(budgetMs, () =>
    fail(cause('tls_silent', `no answer to the handshake in ${budgetMs} ms`)),
  )

  // What the plain socket reports once TLS sits on it arrives on the TLS socket; this only keeps it from being thrown.
  socket.on('error', () => {})
  try {
    secure = connect({
      socket,
      secureContext: identity.context(),
      // Else NODE_TLS_REJECT_UNAUTHORIZED=0 would win.
      rejectUnauthorized: true,
      ALPNProtocols: ['http/1.1'],
      // No server name for addresses (RFC 6066).
      ...(isIP(host) ? {} : {servername: host}),
      checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate),
    })
  } catch (thrown) {
    const detail = thrown instanceof Error ? thrown.message : String(thrown)
    queueMicrotask(() =>
      fail(cause(identity.clientCertificate ? 'client_cert_unusable' : 'internal', detail, codeOf(thrown))),
    )
    return () => {
      over = true
      cancelBudget()
      socket.destroy()
    }
  }
  const tls = secure
  const onError = (error: Error): void => {
    const failure = classifyTls(error, identity) ?? 'tls_cut'
    fail(cause(failure, wording(error, host), codeOf(error)))
  }
  let greeted: string | null = null
  let quiet: NodeJS.Timeout | undefined
  const onClose = (): void => {
    if (greeted === null) fail(cause('tls_cut', 'closed during the handshake'))
    else fail(cause(identity.clientCertificate ? 'client_cert_refused' : 'tls_cut', 'closed right after the handshake'))
  }
  const established = (): void => {
    if (over) return
    tls.off('error', onError).off('close', onClose)
    finish({socket: tls, detail: greeted ?? ''})
  }
  tls.on('error', onError).on('close', onClose)
  tls.once('secureConnect', () => {
    if (over) return
    cancelBudget()
    greeted = greeting(tls)
    if (quietMs > 0) quiet = setTimeout(established, quietMs)
    else established()
  })
  return () => {
    over = true
    cancelBudget()
    clearTimeout(quiet)
    tls.destroy()
    socket.destroy()
  }
}

function greeting(tls: TLSSocket): string {
  const leaf = tls.getPeerCertificate()
  return `${tls.getProtocol() ?? 'TLS'}, certificate of ${nameOf(leaf.subject)} by ${nameOf(leaf.issuer)} until ${leaf.valid_to ?? '?'}`
}

const nameOf = (name: PeerCertificate['subject'] | undefined): string => {
  const text = name?.CN ?? name?.O ?? '?'
  return Array.isArray(text) ? text.join(', ') : text
}

function wording(error: Error, host: string): string {
  const code = codeOf(error)
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const names = (error as Error & {cert?: PeerCertificate}).cert?.subjectaltname ?? 'no names'
    return `asked for ${host}, the certificate is for ${names}`
  }
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'cut after our hello'
  return code || 'broken handshake'
}
