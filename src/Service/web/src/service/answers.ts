// Shapes of the service's answers that the page reads.

export interface Link {
  href: string;
  rel: string;
  title?: string;
}

export interface Product {
  name: string;
  platform: string;
  tile: string;
  datetime: string;
  relativeOrbit: number;
  baseline: string;
  cloudCoverPercent: number | null;
  geometry: { coordinates: [number, number][][] };
  sizeBytes: number;
  links: Link[];
}

export interface InputSchema {
  type?: string;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  default?: unknown;
  format?: string;
  nullable?: boolean;
  "x-unit"?: string;
  "x-stage"?: string;
}

export interface ProcessInput {
  title: string;
  description: string;
  schema: InputSchema;
  metadata?: { role: string; title: string }[];
}

export interface ProcessDescription {
  id: string;
  title: string;
  version: string;
  inputs: Record<string, ProcessInput>;
}

export type Inputs = Record<string, unknown>;

export interface Plan {
  pairs: string[];
  tiles: number;
  estimate: { minutes: number; threads: number; memoryBytes: number; workBytes: number; resultBytes: number; note: string };
  stacks: {
    tile: string;
    grid: string;
    images: { id: string; product: string; datetime: string; relativeOrbit: number; cloudCoverPercent: number | null }[];
    pairs: { name: string; days: number }[];
    tilesPerPair: number;
    haloPixels: number;
  }[];
  warnings: string[];
}

export interface Stage {
  name: string;
  done: number;
  failed: number;
  total: number;
}

export type JobState = "accepted" | "running" | "successful" | "failed" | "dismissed";

export interface JobStatus {
  jobID: string;
  processID: string;
  status: JobState;
  message?: string;
  title?: string;
  progress?: number;
  created: string;
  started?: string;
  finished?: string;
  updated?: string;
  tilesFailed?: number;
  stages?: Stage[];
}

export interface ResultFile {
  name: string;
  bytes: number;
  mediaType: string;
  role: string;
  href: string;
}

export interface JobInputs {
  inputs?: Inputs;
  parameters?: Record<string, unknown>;
}

export interface ProfileSample {
  acrossMetres: number;
  parallelMetres: number;
  normalMetres: number;
  pixels: number;
  parallelFitMetres: number | null;
  normalFitMetres: number | null;
}

export interface Profile {
  number: number;
  alongMetres: number;
  easting: number;
  northing: number;
  strikeDegrees: number;
  parallelOffsetMetres: number | null;
  parallelSigmaMetres: number | null;
  normalOffsetMetres: number | null;
  normalSigmaMetres: number | null;
  zoneWidthMetres: number | null;
  faultAcrossMetres: number | null;
  problem: string | null;
  samples: ProfileSample[];
}

export interface ProfileAnswer {
  epsg: number;
  halfLengthKilometres: number;
  widthKilometres: number;
  trace: [number, number][][];
  profiles: Profile[];
}
