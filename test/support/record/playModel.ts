import { randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import zlib from 'node:zlib';

/** One call of a tool: `input` where the tool takes free text, else `args`. */
export interface ToolCall {
  readonly tool: string;
  readonly args?: object;
  readonly input?: string;
  /** Of a tool that belongs to a server, in the Responses API. */
  readonly namespace?: string;
}

/** One answer of the model. */
export interface Step {
  readonly thinking?: string;
  readonly text?: string;
  readonly calls?: readonly ToolCall[];
  /** Something that happens behind the agent's back, before it is answered. */
  meanwhile?(): void;
}

/** What an API's requests look like and how it answers them. */
export interface ModelApi {
  /** Matches the path of the requests that a model answers. */
  readonly route: RegExp;
  /** True where tools are offered: any other request (for a title, say) uses up no step. */
  isMain(body: ModelRequest): boolean;
  /** Answers a request that is not main; absent: `ok`. */
  side?(body: ModelRequest): Step;
  /** The server-sent events of one answer; `id` makes a new id that begins with what it is given. */
  answer(step: Step, body: ModelRequest, id: (prefix: string) => string): readonly object[];
  /** What is answered at once instead, where the request is for no stream of events. */
  whole?(step: Step, body: ModelRequest, pathname: string, id: (prefix: string) => string): object | undefined;
  /** Comes behind the last event. */
  readonly end?: string;
  /** What other routes answer. */
  other?(pathname: string): object | undefined;
}

export interface ModelRequest {
  readonly model?: string;
  readonly tools?: readonly unknown[];
  readonly messages?: readonly object[];
  readonly input?: readonly object[];
  readonly contents?: readonly object[];
  readonly stream?: boolean;
  readonly generationConfig?: { readonly responseJsonSchema?: object; readonly responseSchema?: object };
}

export interface PlayedModel extends AsyncDisposable {
  readonly url: string;
  /** Makes `steps` the next answers, and forgets the requests so far. */
  play(steps: readonly Step[]): void;
  /** The requests that were answered by a step, since the last `play`. */
  requests(): readonly ModelRequest[];
  /** Steps that nobody has asked for yet. */
  left(): number;
}

/** A model on a port of the loopback that plays a script. Requests that offer no tools, as for a title, use up no step. */
export async function playModel(api: ModelApi): Promise<PlayedModel> {
  let steps: readonly Step[] = [];
  let requests: ModelRequest[] = [];
  // A resumed session meets another server: ids must differ from those of any other.
  const id = (prefix: string): string => `${prefix}_${randomBytes(9).toString('hex')}`;
  const server = http.createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    });
  });
  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    // Codex tries a WebSocket first and goes over to plain requests when told so.
    if (request.headers.upgrade !== undefined) {
      response.writeHead(426).end();
      return;
    }
    const text = await bodyOf(request);
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const json = (status: number, value: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (request.method !== 'POST' || !api.route.test(pathname)) {
      const other = api.other?.(pathname);
      json(other === undefined ? 404 : 200, other ?? { error: { message: 'no such route' } });
      return;
    }
    const body: ModelRequest = JSON.parse(text);
    let step: Step = api.side?.(body) ?? { text: 'ok' };
    if (api.isMain(body)) {
      step = steps[requests.length] ?? { text: 'The script is at its end.' };
      requests.push(body);
    }
    step.meanwhile?.();
    const whole = api.whole?.(step, body, pathname, id);
    if (whole !== undefined) {
      json(200, whole);
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of api.answer(step, body, id)) {
      const name = 'type' in event ? `event: ${event.type}\n` : '';
      response.write(`${name}data: ${JSON.stringify(event)}\n\n`);
    }
    response.end(api.end);
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    play(next) {
      steps = next;
      requests = [];
    },
    requests: () => requests,
    left: () => Math.max(0, steps.length - requests.length),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function bodyOf(request: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  switch (request.headers['content-encoding']) {
    case undefined:
      return bytes.toString();
    case 'gzip':
      return zlib.gunzipSync(bytes).toString();
    case 'zstd':
      return zlib.zstdDecompressSync(bytes).toString();
    default:
      throw new Error(`unknown encoding of a request: ${request.headers['content-encoding']}`);
  }
}

/** About as many tokens as a model would count. */
export function tokensOf(value: unknown): number {
  return Math.ceil((JSON.stringify(value) ?? '').length / 4);
}
