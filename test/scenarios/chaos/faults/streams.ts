// What happens to event streams of an MCP server: what the HTML standard says to ignore is ignored, what is whole counts.

import type {Fault} from '../fault.ts'
import {dripping, gzipped, truncated, withBody} from '../proxy/writing.ts'
import {HTTP_ONLY, onAnswer} from './aim.ts'

const args = (): {via: string} => ({via: 'sse'})
const text = (change: (body: string) => string): ReturnType<typeof withBody> =>
  withBody((body) => Buffer.from(change(body.toString('utf8'))))
const inTheEvent = (body: Buffer): number => body.length - 20

/** Faults of event streams. */
export const STREAMS: readonly Fault[] = [
  {
    name: 'sse-cr-only',
    transports: HTTP_ONLY,
    args,
    inject: onAnswer(text((body) => body.replaceAll('\n', '\r'))),
    expect: {affected: ['right']},
  },
  {
    name: 'sse-split-inside-utf8',
    transports: HTTP_ONLY,
    args,
    inject: onAnswer(dripping(1, 0)),
    expect: {affected: ['right']},
  },
  {
    name: 'sse-slow-drip',
    transports: HTTP_ONLY,
    args,
    inject: onAnswer(dripping(3, 20)),
    expect: {affected: ['right']},
  },
  {
    name: 'sse-gzip-unasked',
    transports: HTTP_ONLY,
    args,
    inject: onAnswer(gzipped),
    expect: {affected: ['right']},
  },
  {
    name: 'json-gzip-unasked',
    transports: HTTP_ONLY,
    inject: onAnswer(gzipped),
    expect: {affected: ['right']},
  },
  {
    name: 'sse-garbage-around-the-answer',
    transports: HTTP_ONLY,
    args,
    inject: onAnswer(
      text(
        (body) =>
          `\uFEFF: comment\n\ndata\n\nevent: other\ndata: {"not":"ours"}\n\ndata: {half\n\nretry: x\nid: \0\n\n${body}data: {late\n\n`,
      ),
    ),
    expect: {affected: ['right']},
  },
  {
    name: 'sse-truncated',
    transports: HTTP_ONLY,
    args,
    inject: onAnswer(truncated(inTheEvent)),
    expect: {affected: ['mcp_stream_ended'], seen: ['mcp_stream_ended']},
  },
  {
    name: 'sse-reset',
    transports: HTTP_ONLY,
    args,
    inject: onAnswer(truncated(inTheEvent, 'reset')),
    expect: {affected: ['mcp_stream_ended'], seen: ['mcp_stream_ended']},
  },
  {
    name: 'sse-last-event-unfinished',
    transports: HTTP_ONLY,
    args,
    inject: onAnswer(truncated((body) => body.length - 2)),
    expect: {affected: ['right']},
  },
  {
    name: 'sse-ends-without-answer',
    transports: HTTP_ONLY,
    args,
    inject: onAnswer(text(() => ': nothing\n\n')),
    expect: {affected: ['mcp_stream_ended'], seen: ['mcp_stream_ended']},
  },
  {
    name: 'sse-answers-twice',
    transports: HTTP_ONLY,
    args,
    inject: onAnswer(text((body) => body + body)),
    expect: {affected: ['right']},
  },
  {
    name: 'sse-foreign-id',
    transports: HTTP_ONLY,
    args,
    inject: onAnswer(text((body) => body.replace(/"id":\d+/, '"id":"somebody else"'))),
    expect: {affected: ['mcp_no_answer'], seen: ['mcp_no_answer']},
  },
]
