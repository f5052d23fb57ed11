// What the server answers; docs/verbs/dashboard.md describes it.

export type Value = number | string | boolean | null;
export type Params = Record<string, Value>;

export interface Info {
  version: string;
  storage: string;
  edit: boolean;
}

export interface StudyLine {
  study: string;
  directions: string[];
  trials: number;
  complete: number;
  best?: Value;
  begun: string | null;
}

export interface Best {
  trial: number;
  values: Value[];
  params: Params;
}

export interface State {
  revision: number;
  total: number;
  counts: Record<string, number>;
  best?: Best;
  front?: number[];
}

export interface Objective {
  name: string;
  direction: "minimize" | "maximize";
}

export interface Parameter {
  name: string;
  type: "float" | "int" | "categorical";
  range: string;
  low?: number;
  high?: number;
  log?: boolean;
  choices?: Value[];
}

export interface Note {
  text: string;
  version: number;
}

export interface Summary extends State {
  study: string;
  objectives: Objective[];
  params: Parameter[];
  sampler: string | null;
  pruner: string | null;
  ended?: { reason?: string; because?: string; trials?: number; at?: string };
  note: Note;
}

export interface ComparedStudy extends Summary {
  progress: [number, Value][];
}

export interface Trial extends Best {
  state: string;
  paused?: boolean;
  reports?: [number, Value][];
  steps?: number;
  last?: Value;
  parent?: number;
  parent_step?: number;
  runs?: number;
  rung?: number;
  constraints?: Value[];
  attrs?: Record<string, unknown>;
  start?: string;
  complete?: string;
  duration?: number;
  worker?: Record<string, Value>;
  message?: string;
}

export interface TrialPage {
  revision: number;
  total: number;
  matched: number;
  trials: Trial[];
}

// --- figures: `hone plot --json` ---

export interface Axis {
  title?: string;
  log?: boolean;
  time?: boolean;
  categories?: string[];
  range?: [number, number];
  better?: "smaller" | "larger";
}

export interface Series {
  kind: "line" | "steps" | "points" | "bars" | "intervals";
  name?: string;
  x?: (number | null)[];
  y?: (number | null)[];
  end?: (number | null)[];
  low?: (number | null)[];
  high?: (number | null)[];
  shade?: (number | null)[];
  marks?: string[];
  labels?: (string | null)[];
  trials?: number[];
  faint?: boolean;
  paint?: number; // from 1 on
}

export interface Figure {
  title?: string;
  note?: string;
  empty?: string;
  x: Axis;
  y: Axis;
  shade: Axis;
  stacked?: boolean;
  series: Series[];
  grid?: { x?: number[]; y?: number[]; values: (number | null)[][]; written?: boolean };
  parallel?: {
    axes: Axis[];
    values: (number | null)[][];
    shade?: (number | null)[];
    marks?: string[];
    trials?: number[];
  };
  rules: { at: number; upright?: boolean; name?: string }[];
}

export interface FigurePage {
  kind: string;
  title?: string;
  note?: string;
  same_y?: boolean;
  figures: Figure[];
}

export interface Kind {
  kind: string;
  help: string;
  options: string;
  several: boolean;
}
