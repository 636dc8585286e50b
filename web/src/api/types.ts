/** The wire's types under short names. */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Status = Schemas["StatusView"];
export type Project = Schemas["ProjectView"];
export type Summary = Schemas["SummaryView"];
export type Unfinished = Schemas["UnfinishedView"];
export type ProjectPage = Schemas["ProjectPage"];
export type ProjectStatus = Schemas["ProjectStatus"];
export type Step = Status["step"];
export type Script = Schemas["ScriptView"];
export type Scene = Script["scenes"][number];
export type Card = NonNullable<Scene["card"]>;
export type EditedScript = Schemas["EditedScript"];
export type Edited = Schemas["EditedView"];
export type Forecast = Schemas["ForecastView"];
export type Run = Schemas["RunView"];
export type Stage = Schemas["StageView"];
export type SceneStatus = Schemas["SceneView"];
export type Piece = Schemas["PieceView"];
export type Timeline = Schemas["Timeline"];
export type Happening = Schemas["HappeningView"];
export type Preview = Schemas["PreviewView"];
export type Sample = Schemas["SampleView"];
export type Upload = Schemas["UploadView"];
export type UploadPage = Schemas["UploadPage"];
/** What a picture card shows: as answers have it, or an upload by its name. */
export type Picture = Extract<Card, { kind: "picture" }>["picture"] | string;
export type Notice = Schemas["NoticeView"];
export type NoticePage = Schemas["NoticePage"];
/** Fields that are not sent have the API's defaults. */
export type NewProject = Partial<Schemas["NewProject"]>;
export type Changes = Schemas["Changed"];
export type Options = Schemas["OptionsView"];
export type RevisionKind = Options["revisions"][number];
export type Limits = Options["limits"];
/** Something to choose; a voice may say more of itself. */
export type Choice = Pick<Options["voices"][number], "id" | "name"> & {
  language?: Language | null;
  gender?: string | null;
  sample?: boolean;
};
export type Language = Project["language"];
export type Aspect = Project["aspect"];
export type SourceKind = Project["source"]["kind"];

/** Whether a run is being worked on. */
export function isActive(status: Pick<Status, "runState">): boolean {
  return status.runState === "active";
}
