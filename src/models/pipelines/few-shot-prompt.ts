/**
 * Prompts that show how a task is done: pictures with texts, then a picture whose text is wanted. In the forms that models of
 * Flamingo's kind were tuned on or evaluated with. Pure; knows no model.
 * Source: Alayrac et al., Flamingo: a Visual Language Model for Few-Shot Learning (2022), section 3.3.
 */
import { PICTURE } from './conversation.ts';

export interface FewShotExample {
  /** What is to be written about the picture. */
  readonly text: string;
  /** What is asked about it, where something is. */
  readonly question?: string | undefined;
}

export interface FewShotPrompt {
  /** With a place for every picture, those of the examples first. */
  readonly prompt: string;
  /** Where a model that goes on with examples of its own must stop. */
  readonly stop: readonly string[];
}

interface Form {
  /** Before and behind what is written; the query ends where its text would begin. */
  readonly before: (question: string | undefined) => string;
  readonly behind: string;
  readonly stop: readonly string[];
}

const DESCRIBE = 'Describe this image.';

const FORMS = {
  /** `<image>Output:a dog.<|endofchunk|>`, with `Question:` and `Short answer:` where something is asked. */
  'open-flamingo': {
    before: (question) =>
      question === undefined ? `${PICTURE}Output:` : `${PICTURE}Question:${question} Short answer:`,
    behind: '<|endofchunk|>',
    stop: ['<|endofchunk|>'],
  },
  /** `User:<image>Describe this image.\nAssistant: a dog.\n` */
  idefics: {
    before: (question = DESCRIBE) => `User:${PICTURE}${question}\nAssistant:`,
    behind: '\n',
    stop: ['\nUser:'],
  },
  /** The same between tokens that end an utterance. */
  'idefics-instruct': {
    before: (question = DESCRIBE) => `User:${PICTURE}${question}<end_of_utterance>\nAssistant:`,
    behind: '<end_of_utterance>\n',
    stop: ['<end_of_utterance>', '\nUser:'],
  },
} as const satisfies Record<string, Form>;

export type FewShotForm = keyof typeof FORMS;
export const FEW_SHOT_FORMS = Object.keys(FORMS) as [FewShotForm, ...FewShotForm[]];

/** Texts stand behind a space in the forms of Idefics, and right behind the colon in OpenFlamingo's. */
export function fewShotPrompt(
  form: FewShotForm,
  examples: readonly FewShotExample[],
  question?: string | undefined,
): FewShotPrompt {
  const { before, behind, stop }: Form = FORMS[form];
  const space = form === 'open-flamingo' ? '' : ' ';
  const shown = examples.map((example) => `${before(example.question)}${space}${example.text}${behind}`);
  return { prompt: shown.join('') + before(question), stop };
}
