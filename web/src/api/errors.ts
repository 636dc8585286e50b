/** Every way in which a call can go wrong, with the server's stable code or one of ours. */

export interface FieldError {
  field: string;
  message: string;
}

interface Problem {
  code?: string;
  detail?: string;
  errors?: FieldError[];
  [extra: string]: unknown;
}

export class ApiError extends Error {
  readonly status: number;
  /** A code of the API's catalogue, else `network` or `timeout`. */
  readonly code: string;
  readonly fields: FieldError[];
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(status: number, code: string, detail = "", problem: Problem = {}) {
    super(detail || code);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.fields = Array.isArray(problem.errors) ? problem.errors : [];
    this.extra = problem;
  }

  /** The same request may succeed later: nothing is wrong with what was sent. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

export async function errorOf(response: Response): Promise<ApiError> {
  const problem = await response
    .clone()
    .json()
    .then((body: unknown): Problem => (typeof body === "object" && body ? (body as Problem) : {}))
    .catch((): Problem => ({}));
  const code = problem.code ?? codeless(response.status);
  return new ApiError(response.status, code, problem.detail, problem);
}

/** What something before the API said, a gateway for one, in words of its own. */
function codeless(status: number): string {
  if (status >= 500) return "unavailable";
  return status === 401 ? "unauthorized" : "refused";
}

export function networkError(cause: unknown): unknown {
  if (cause instanceof ApiError) return cause;
  if (cause instanceof DOMException && cause.name === "AbortError") return cause;
  if (cause instanceof DOMException && cause.name === "TimeoutError") return new ApiError(0, "timeout");
  return cause instanceof TypeError ? new ApiError(0, "network", cause.message) : cause;
}

export function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : "internal";
}
