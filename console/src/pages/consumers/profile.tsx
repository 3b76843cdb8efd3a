import { Button, Group, JsonInput, SimpleGrid, Stack, TagsInput, Text, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useLocation } from "wouter";
import { type Consumer, type ConsumerChange, fetchConsumer, useUpdateConsumer } from "../../api/consumers";
import { fieldProblem, Problem } from "../../api/problem";
import { changeOf, type Draft, draftOf, problemsOf } from "../../format/consumer-draft";
import { Diff } from "../../parts/diff";
import { useNotice } from "../../parts/notice";
import { ProblemAlert } from "../../parts/problem";
import { Section } from "../../parts/section";
import { useAdmin } from "../../session/context";
import { consumerAddress } from "./row";

const FIELDS = ["name", "subject", "tags", "managers", "metadata"];

/** Who a consumer is: name, subject, tags, managers, metadata. Saved as a patch of what was changed, and only that. */
export function Profile({ consumer }: { consumer: Consumer }) {
  const { may } = useAdmin();
  const [base, setBase] = useState(consumer);
  const [draft, setDraft] = useState(() => draftOf(consumer));
  const [theirs, setTheirs] = useState<Consumer>();
  const update = useUpdateConsumer(consumer);
  const [, go] = useLocation();
  const say = useNotice();
  // Somebody else's change, or our own from another part of the page: an untouched form simply follows.
  if (consumer.revision !== base.revision && isUntouched(base, draft)) {
    setBase(consumer);
    setDraft(draftOf(consumer));
  }
  const wrong = problemsOf(draft);
  const change = wrong.metadata ? undefined : changeOf(base, draft);
  const touched = change === undefined || Object.keys(change).length > 0;
  const save = (wanted: ConsumerChange, revision: number) =>
    update.mutate(
      { change: wanted, revision },
      {
        onSuccess: (saved) => {
          setTheirs(undefined);
          setBase(saved);
          setDraft(draftOf(saved));
          say(`${saved.name} is saved`);
          if (saved.name !== consumer.name) go(consumerAddress(saved), { replace: true });
        },
        onError: async (error) => {
          if (error instanceof Problem && error.status === 412)
            setTheirs(await fetchConsumer(base.bucket, base.name));
        },
      },
    );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (change && touched) save(change, base.revision);
  };
  return (
    <Section title="Profile" about="What origins learn of it, and how it is found here">
      <form onSubmit={submit}>
        <Stack gap="md">
          <Fields
            draft={draft}
            onChange={setDraft}
            error={update.error}
            wrong={wrong}
            readOnly={!may.manage}
          />
          {theirs && change ? (
            <Conflict
              base={base}
              theirs={theirs}
              onTake={() => {
                setBase(theirs);
                setDraft(draftOf(theirs));
                setTheirs(undefined);
                update.reset();
              }}
              onKeep={() => save(change, theirs.revision)}
            />
          ) : update.error ? (
            <ProblemAlert error={update.error} shown={FIELDS} />
          ) : null}
          {may.manage ? (
            <Group>
              <Button type="submit" disabled={!touched || change === undefined} loading={update.isPending}>
                Save
              </Button>
              {touched ? (
                <Button
                  variant="subtle"
                  color="gray"
                  onClick={() => {
                    setBase(consumer);
                    setDraft(draftOf(consumer));
                    setTheirs(undefined);
                    update.reset();
                  }}
                >
                  Discard
                </Button>
              ) : null}
            </Group>
          ) : null}
        </Stack>
      </form>
    </Section>
  );
}

function isUntouched(base: Consumer, draft: Draft): boolean {
  return JSON.stringify(draftOf(base)) === JSON.stringify(draft);
}

interface FieldsProps {
  draft: Draft;
  onChange: (draft: Draft) => void;
  error: unknown;
  wrong: { metadata?: string };
  readOnly: boolean;
}

function Fields({ draft, onChange, error, wrong, readOnly }: FieldsProps) {
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
      <Stack gap="md">
        <TextInput
          label="Name"
          description="Renaming changes the client_id of new tokens, not the subject"
          value={draft.name}
          readOnly={readOnly}
          error={fieldProblem(error, "name")}
          onChange={(event) => onChange({ ...draft, name: event.currentTarget.value })}
        />
        <TextInput
          label="Subject"
          description="The sub of its tokens: what origins know it by"
          value={draft.subject}
          readOnly={readOnly}
          error={fieldProblem(error, "subject")}
          onChange={(event) => onChange({ ...draft, subject: event.currentTarget.value })}
        />
        <TagsInput
          label="Tags"
          description="name:value, then Enter"
          value={draft.tags}
          readOnly={readOnly}
          error={fieldProblem(error, "tags")}
          onChange={(tags) => onChange({ ...draft, tags })}
        />
        <TagsInput
          label="Managers"
          description="Who may see and roll its keys themselves"
          value={draft.managers}
          readOnly={readOnly}
          error={fieldProblem(error, "managers")}
          onChange={(managers) => onChange({ ...draft, managers })}
        />
      </Stack>
      <JsonInput
        label="Metadata"
        description="A JSON object; the configuration may map its members to claims"
        value={draft.metadata}
        readOnly={readOnly}
        error={wrong.metadata ?? fieldProblem(error, "metadata")}
        autosize
        minRows={10}
        maxRows={24}
        spellCheck={false}
        classNames={{ input: "code" }}
        onChange={(metadata) => onChange({ ...draft, metadata })}
      />
    </SimpleGrid>
  );
}

interface ConflictProps {
  base: Consumer;
  theirs: Consumer;
  onTake: () => void;
  onKeep: () => void;
}

/** Two admins at once: what the other one did, and the choice. */
function Conflict({ base, theirs, onTake, onKeep }: ConflictProps) {
  return (
    <Section
      title="Somebody else changed it meanwhile"
      about="Nothing of yours was saved. This is what they changed:"
    >
      <Stack gap="sm">
        <Diff before={draftOf(base)} after={draftOf(theirs)} />
        <Text size="sm" c="dimmed">
          Your changes touch only the fields that you edited; saving them keeps the rest of theirs.
        </Text>
        <Group>
          <Button onClick={onKeep}>Save mine on top</Button>
          <Button variant="default" onClick={onTake}>
            Discard mine
          </Button>
        </Group>
      </Stack>
    </Section>
  );
}
