// What the relay promises of single messages and of servers: what is rewritten, who gets it, how servers live and end.

import {
  asking,
  at,
  bytes,
  hanging,
  hangUp,
  http,
  httpFailures,
  memory,
  multiplexed,
  NO_CHILD,
  none,
  OBJECTS,
  ONCE,
  order,
  type Requirement,
  relay,
  SAME_PROCESS,
  sse,
  stdio,
  supervisor,
  UNSHARED,
  wire,
} from './requirements-proofs.ts'

/** Promises about messages and servers. */
export const RULES: readonly Requirement[] = [
  {
    id: 'line-breaks',
    promise: 'line breaks between tokens do no harm, and no caller can write a line of his own',
    proofs: {
      http: bytes('line breaks between tokens, in the request and in an event of several lines'),
      stdio: stdio('lose their line breaks between tokens, and cannot smuggle a line in'),
      memory: OBJECTS,
    },
  },
  {
    id: 'large-answers',
    promise: 'an answer of many megabytes comes back whole',
    proofs: {
      http: bytes('an answer of 10 MiB as %s'),
      stdio: stdio('may be many: a line of 100 MB comes back'),
      memory: OBJECTS,
    },
  },
  {
    id: 'large-requests',
    promise: 'a request of many megabytes arrives whole',
    proofs: {http: bytes('a request of 10 MiB'), stdio: stdio('may be many on the way down as well'), memory: OBJECTS},
  },
  {
    id: 'progress-tokens',
    promise: 'progress tokens come back as they were written',
    proofs: {
      http: UNSHARED,
      stdio: stdio('get back what progress tokens they sent: strings, huge numbers'),
      memory: none('one server object, tokens are not replaced'),
    },
  },
  {
    id: 'subscription-ids',
    promise: 'the id of a subscription is that of its request',
    proofs: {
      http: UNSHARED,
      stdio: stdio('get the subscription id that is their request id'),
      memory: none('no subscription ids are replaced'),
    },
  },
  {
    id: 'attribution',
    promise: 'what carries no id reaches only the one who can be meant',
    proofs: {
      http: UNSHARED,
      stdio: stdio('get what carries no id only when nobody else can be meant'),
      memory: memory('gives what a call says to that call, because the server tells which it is'),
    },
  },
  {
    id: 'null-id-errors',
    promise: 'an error without an id is an answer only when one call can be meant',
    proofs: {
      http: httpFailures("keeps the server's own error, and gives one with another id or none the id of the call"),
      stdio: multiplexed('is nobodys when two calls are under way, or one that was given up: each keeps its own time'),
      memory: OBJECTS,
    },
  },
  {
    id: 'tasks',
    promise: 'the ids of tasks are untouched and their progress outlives its call',
    proofs: {
      http: UNSHARED,
      stdio: multiplexed('keeps its id, and its progress token outlives its call'),
      memory: none('tokens are not replaced'),
    },
  },
  {
    id: 'serial',
    promise: 'a server that takes one call at a time gets one at a time',
    proofs: {
      http: none('HTTP servers have connections of their own'),
      stdio: multiplexed('gives its server one call at a time, in the order of arrival'),
      memory: none('no such setting'),
    },
  },
  {
    id: 'callers-concurrent',
    promise: 'a quick call does not wait for a slow one',
    proofs: {
      http: order('a dead channel does not hold up another; its overflow is answered at once'),
      stdio: stdio('do not wait for each other'),
      memory: ONCE,
    },
  },
  {
    id: 'cancel-ambiguous',
    promise: 'a cancellation that could mean two calls cancels none',
    proofs: {http: UNSHARED, stdio: stdio('of an ambiguous id is acknowledged and not guessed'), memory: ONCE},
  },
  {
    id: 'cancel-own',
    promise: 'a cancellation finds the call of its own caller',
    proofs: {
      http: http('is not cancelled twice when its caller has done so'),
      stdio: stdio('by the caller finds his call among those with the same id'),
      memory: ONCE,
    },
  },
  {
    id: 'cancel-waiting',
    promise: 'a cancelled call that still waits is answered at once',
    proofs: {
      http: order('a call that still waits is answered at once, and the server hears of neither'),
      stdio: ONCE,
      memory: ONCE,
    },
  },
  {
    id: 'hang-up',
    promise: 'hanging up cancels the call at the server, and only that one',
    proofs: {
      http: hangUp('hanging up cancels the call at the server, and only that one'),
      stdio: hangUp('hanging up cancels the call at the server, and only that one'),
      memory: ONCE,
    },
  },
  {
    id: 'late-answers',
    promise: 'a late answer reaches nobody',
    proofs: {
      http: none('the connection is closed'),
      stdio: stdio('by deadline tells the server with its own id, and drops the late answer'),
      memory: ONCE,
    },
  },
  {
    id: 'handshake-gate',
    promise: 'a handshake is complete before other requests, and later ones hold nobody up',
    proofs: {
      http: none('sessions are the server of HTTP its own business'),
      stdio: stdio('holds nobody up during a later handshake, and a strict server refuses nothing'),
      memory: none('a server object for each session'),
    },
  },
  {
    id: 'replay',
    promise: 'a new process knows the session of the old one',
    proofs: {
      http: NO_CHILD,
      stdio: supervisor(
        'repeats the latest handshake that succeeded, the log level and the subscriptions, and nobody sees the answers',
      ),
      memory: SAME_PROCESS,
    },
  },
  {
    id: 'hanging-server',
    promise: 'a server that hangs is replaced, one at work is not',
    proofs: {
      http: NO_CHILD,
      stdio: hanging('is ended and another one takes its place, with the session of its callers'),
      memory: SAME_PROCESS,
    },
  },
  {
    id: 'busy-server',
    promise: 'a server at work for somebody who waits is left alone',
    proofs: {
      http: NO_CHILD,
      stdio: hanging('may be at work: as long as somebody waits for a call that it had received, it is left alone'),
      memory: SAME_PROCESS,
    },
  },
  {
    id: 'life-by-ping',
    promise: 'life is proved without changing the server for its callers',
    proofs: {
      http: at('tunnel/channels/probe/http-monitor.test.ts')(
        'shakes hands, looks around, and ends its session, with the headers of discovery',
      ),
      stdio: supervisor('is ready before any caller without writing to the server'),
      memory: SAME_PROCESS,
    },
  },
  {
    id: 'server-pings',
    promise: 'a ping of the server is answered here, and its call goes on',
    proofs: {
      http: http('answers ping itself, refuses other requests of the server, and the call goes on'),
      stdio: stdio('answers ping of the server, refuses its other requests, and the call goes on'),
      memory: ONCE,
    },
  },
  {
    id: 'server-asks',
    promise: 'a server asks the caller of its call, and only him',
    proofs: {
      http: asking('gets the answer by POST with the headers of the answer, in the session that its reply has opened'),
      stdio: asking('asks the caller of its only call, and gets the answer as one line with its own id bytes'),
      memory: ONCE,
    },
  },
  {
    id: 'broken-answers',
    promise: 'an answer that cannot be read fails its call at once, under its name',
    proofs: {
      http: wire('reset within a JSON body'),
      stdio: stdio('fails a call at once whose answer is broken: %s'),
      memory: memory('answers for a server that throws, and for an answer that is no JSON'),
    },
  },
  {
    id: 'streams-by-the-standard',
    promise: 'event streams are read as the standard says, however they are cut',
    proofs: {
      http: sse('gives the same events however the stream is cut'),
      stdio: none('lines, not events'),
      memory: OBJECTS,
    },
  },
  {
    id: 'last-words',
    promise: 'what a server said before its end counts',
    proofs: {
      http: http('delivers an unfinished last event when it is whole, also when the connection is cut'),
      stdio: stdio('answers what a crashed server had said while it was not read'),
      memory: memory('ends a session whose server hangs up, with an answer to what was in flight'),
    },
  },
  {
    id: 'no-orphans',
    promise: 'what was started ends with the daemon',
    proofs: {
      http: NO_CHILD,
      stdio: stdio('ends a server that ignores EOF and SIGTERM, and what it has started'),
      memory: SAME_PROCESS,
    },
  },
  {
    id: 'ttl-typed',
    promise: 'a call that outlives its time gets a typed 504',
    proofs: {http: order('a call that outlives the TTL gets a typed 504'), stdio: ONCE, memory: ONCE},
  },
  {
    id: 'always-answered',
    promise: 'what cannot be understood is answered when it can be addressed',
    proofs: {http: relay('what cannot be understood is answered when it can be addressed'), stdio: ONCE, memory: ONCE},
  },
]
