// Talking to the server: requests, and events as they come. The token, when one is needed, comes behind the "#" of
// the address or from a form, and is kept for the tab only.

const tokenKey = "hone:token";

export class ApiError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

let askForToken: () => Promise<string> = () => Promise.reject(new ApiError(401, "a token is needed"));
let asking: Promise<string> | null = null;

export function onTokenNeeded(ask: () => Promise<string>): void {
  askForToken = ask;
}

export function keepToken(token: string): void {
  sessionStorage.setItem(tokenKey, token);
}

function headers(): Record<string, string> {
  const token = sessionStorage.getItem(tokenKey);
  return token ? { Authorization: `Bearer ${token}` } : {};
}

async function newToken(): Promise<void> {
  asking ??= askForToken();
  try {
    keepToken(await asking);
  } finally {
    asking = null;
  }
}

async function request(path: string, init: RequestInit): Promise<Response> {
  for (;;) {
    let response: Response;
    try {
      response = await fetch(path, { ...init, headers: { ...init.headers, ...headers() } });
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new ApiError(0, "the server does not answer; is it still running?");
    }
    if (response.status !== 401) return response;
    await newToken();
  }
}

async function failure(response: Response): Promise<ApiError> {
  try {
    const answer = await response.json();
    return new ApiError(response.status, answer.error.message);
  } catch {
    return new ApiError(response.status, `the server answered ${response.status}`);
  }
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await request(path, { signal });
  if (!response.ok) throw await failure(response);
  return (await response.json()) as T;
}

export async function getText(path: string): Promise<string> {
  const response = await request(path, {});
  if (!response.ok) throw await failure(response);
  return response.text();
}

export async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await request(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw await failure(response);
  return (await response.json()) as T;
}

// "/api/studies/digits/trials?limit=50"
export function studyPath(study: string, rest = "", query: Record<string, string | number | undefined> = {}): string {
  return `/api/studies/${encodeURIComponent(study)}${rest}${queryText(query)}`;
}

export function queryText(query: Record<string, string | number | undefined>): string {
  const parts = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== "")
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
  return parts.length ? `?${parts.join("&")}` : "";
}

// --- events ---

export type Live = "live" | "waiting";

// Calls heard(event, data) until the signal ends it; a connection that was lost is made again. An EventSource could
// not show a token.
export async function listen(
  path: string,
  signal: AbortSignal,
  heard: (event: string, data: unknown) => void,
  changed: (live: Live) => void,
): Promise<void> {
  for (let pause = 500; !signal.aborted; pause = Math.min(pause * 2, 8000)) {
    try {
      const response = await request(path, { signal, cache: "no-store" });
      if (response.ok && response.body) {
        changed("live");
        pause = 250;
        await readEvents(response.body, heard);
      }
    } catch {
      // told by the state
    }
    if (signal.aborted) return;
    changed("waiting");
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}

async function readEvents(body: ReadableStream<Uint8Array>, heard: (event: string, data: unknown) => void): Promise<void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const event = /^event: (.*)$/m.exec(text.slice(0, end));
      const data = /^data: (.*)$/m.exec(text.slice(0, end));
      text = text.slice(end + 2);
      if (event && data) heard(event[1], JSON.parse(data[1]));
    }
  }
}
