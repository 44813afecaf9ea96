// From what the system reported to our failure class: the tables of the doctor's ladder, used by the connector itself, so
// that the daemon and the doctor never name the same event differently.

import {FAILURES, type FailureClass} from '../../errors/index.ts'

/** Why a step failed, before it is known what that means for a request. */
export interface Cause {
  readonly failure: FailureClass
  /** What was seen, for people, without secrets. */
  readonly detail: string
  /** Code of the system, OpenSSL or the HTTP parser. Never `UND_ERR_*`. */
  readonly errno?: string
}

/** Builds a {@link Cause}; leaves `errno` out when there is none or when it is undici's own. */
export function cause(failure: FailureClass, detail: string, errno?: string): Cause {
  return errno && !errno.startsWith('UND_') ? {failure, detail, errno} : {failure, detail}
}

/** The code of a thrown value, or an empty string. */
export function codeOf(error: unknown): string {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
  return typeof code === 'string' ? code : ''
}

/** One sentence about a cause: the class in words and what was seen. */
export function sentence(where: string, {failure, detail}: Cause): string {
  const {title} = FAILURES[failure]
  return detail ? `${where}: ${title} (${detail})` : `${where}: ${title}`
}

const RESOLVE: Readonly<Record<string, FailureClass>> = {
  ENOTFOUND: 'dns_not_found',
  EBADNAME: 'dns_not_found',
  ENODATA: 'dns_no_address',
  ESERVFAIL: 'dns_server_failed',
  EREFUSED: 'dns_server_failed',
  ENOTIMP: 'dns_server_failed',
  EFORMERR: 'dns_server_failed',
  EBADRESP: 'dns_server_failed',
  EAI_AGAIN: 'dns_server_failed',
  EAI_FAIL: 'dns_server_failed',
  ECONNREFUSED: 'dns_server_down',
  ETIMEOUT: 'dns_timeout',
  EAI_MEMORY: 'local_limit',
  EMFILE: 'local_limit',
}

/** Class of a name lookup's error code (c-ares or getaddrinfo). */
export function classifyResolve(code: string): FailureClass {
  return RESOLVE[code] ?? 'dns_server_failed'
}

const CONNECT: Readonly<Record<string, FailureClass>> = {
  ECONNREFUSED: 'refused',
  ENETUNREACH: 'no_route',
  ENETDOWN: 'no_route',
  EAFNOSUPPORT: 'no_route',
  EINVAL: 'no_route',
  ETIMEDOUT: 'black_hole',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  ECONNABORTED: 'reset',
  EACCES: 'local_policy',
  EPERM: 'local_policy',
  EADDRNOTAVAIL: 'local_limit',
  EMFILE: 'local_limit',
  ENFILE: 'local_limit',
  ENOBUFS: 'local_limit',
  ENOMEM: 'local_limit',
}

/** Above this, an unreachable host means that nobody answered ARP (measured 3.05 s); below, that a router said no. */
const ARP_MS = 1000

/** Class of a TCP connect error that came `elapsedMs` after the start. */
export function classifyConnect(code: string, elapsedMs: number): FailureClass {
  if (code === 'EHOSTUNREACH') return elapsedMs < ARP_MS ? 'filtered' : 'host_absent'
  return CONNECT[code] ?? 'internal'
}

/** Class of a unix socket's connect error. */
export function classifyUnix(code: string): FailureClass {
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'socket_missing'
  if (code === 'ENAMETOOLONG') return 'socket_path_too_long'
  if (code === 'ECONNREFUSED' || code === 'ENOTSOCK' || code === 'EPROTOTYPE') return 'socket_stale'
  if (code === 'EACCES' || code === 'EPERM') return 'socket_mode'
  if (code === 'EAGAIN') return 'timeout_connect'
  return CONNECT[code] ?? 'internal'
}

const TLS: Readonly<Record<string, FailureClass>> = {
  UNABLE_TO_GET_ISSUER_CERT: 'untrusted_issuer',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'untrusted_issuer',
  SELF_SIGNED_CERT_IN_CHAIN: 'untrusted_issuer',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'untrusted_issuer',
  CERT_UNTRUSTED: 'untrusted_issuer',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'self_signed',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'not_yet_valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'wrong_host',
  HOSTNAME_MISMATCH: 'wrong_host',
  CERT_SIGNATURE_FAILURE: 'bad_chain',
  CERT_CHAIN_TOO_LONG: 'bad_chain',
  CERT_REJECTED: 'bad_chain',
  CERT_REVOKED: 'bad_chain',
  INVALID_CA: 'bad_chain',
  INVALID_PURPOSE: 'bad_chain',
  PATH_LENGTH_EXCEEDED: 'bad_chain',
  CA_MD_TOO_WEAK: 'bad_chain',
  CA_KEY_TOO_SMALL: 'bad_chain',
  EE_KEY_TOO_SMALL: 'bad_chain',
}

/** OpenSSL's codes carry version and layer in their names; the part that means something decides. First match wins. */
const OPENSSL: readonly (readonly [RegExp, FailureClass])[] = [
  [/ALERT_CERTIFICATE_REQUIRED/, 'client_cert_wanted'],
  [
    /ALERT_(UNKNOWN_CA|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN)|ACCESS_DENIED)/,
    'client_cert_refused',
  ],
  [
    /ALERT_PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_SHARED_CIPHER|NO_PROTOCOLS_AVAILABLE|DH_KEY_TOO_SMALL|ALERT_INSUFFICIENT_SECURITY|NO_APPLICATION_PROTOCOL|UNSAFE_LEGACY/,
    'tls_version',
  ],
  [/WRONG_VERSION_NUMBER|HTTP_REQUEST|PACKET_LENGTH_TOO_LONG|BAD_PROTOCOL_VERSION_NUMBER/, 'not_tls'],
  [/CERTIFICATE_VERIFY_FAILED/, 'untrusted_issuer'],
]

/** What the classification of a TLS failure depends on besides the error. */
export interface TlsFacts {
  /** We had a client certificate to offer. */
  readonly clientCertificate: boolean
}

/** Class of an error during or right after a TLS handshake; null when it is none of TLS. */
export function classifyTls(error: unknown, {clientCertificate}: TlsFacts): FailureClass | null {
  const code = codeOf(error)
  const known = TLS[code]
  if (known) return known
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_OSSL_')) {
    // A write that failed reports EPROTO and OpenSSL's text; the words are the same as in the codes.
    const text = code === 'EPROTO' && error instanceof Error ? error.message.toUpperCase().replaceAll(' ', '_') : code
    if (/ALERT_HANDSHAKE_FAILURE/.test(text)) return clientCertificate ? 'tls_version' : 'client_cert_wanted'
    for (const [pattern, failure] of OPENSSL) if (pattern.test(text)) return failure
    return 'tls_cut'
  }
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED') return 'tls_cut'
  if (code === 'ETIMEDOUT') return 'tls_silent'
  return null
}
