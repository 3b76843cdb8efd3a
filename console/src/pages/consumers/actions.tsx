import { Button, Menu, Stack } from "@mantine/core";
import { Ban, Ellipsis, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useLocation } from "wouter";
import { type Consumer, useDeleteConsumer, useUpdateConsumer } from "../../api/consumers";
import { Confirm } from "../../parts/confirm";
import { useNotice } from "../../parts/notice";
import { RollAll } from "./roll-all";

/** What is rarely wanted, and asks before it is done. */
export function Actions({ consumer }: { consumer: Consumer }) {
  const [asking, setAsking] = useState<"roll" | "disable" | "enable" | "delete">();
  const update = useUpdateConsumer(consumer);
  const remove = useDeleteConsumer(consumer);
  const [, go] = useLocation();
  const say = useNotice();
  const done = () => setAsking(undefined);
  const disabled = consumer.state === "disabled";
  const setState = (state: "active" | "disabled") =>
    update.mutate(
      { change: { state }, revision: consumer.revision },
      {
        onSuccess: () => {
          done();
          say(
            state === "active"
              ? `${consumer.name} is enabled`
              : `${consumer.name} is disabled: its keys are refused from now on`,
          );
        },
      },
    );
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" px="xs" aria-label="More actions">
            <Ellipsis size={18} />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<RefreshCw size={16} />} onClick={() => setAsking("roll")}>
            Roll all keys…
          </Menu.Item>
          <Menu.Item
            leftSection={<Ban size={16} />}
            onClick={() => setAsking(disabled ? "enable" : "disable")}
          >
            {disabled ? "Enable" : "Disable"}
          </Menu.Item>
          <Menu.Item color="red" leftSection={<Trash2 size={16} />} onClick={() => setAsking("delete")}>
            Delete…
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asking === "roll" ? <RollAll consumer={consumer} onClose={done} /> : null}
      {asking === "disable" || asking === "enable" ? (
        <Confirm
          title={asking === "disable" ? `Disable ${consumer.name}?` : `Enable ${consumer.name}?`}
          action={asking === "disable" ? "Disable" : "Enable"}
          color={asking === "disable" ? "orange" : "mint"}
          busy={update.isPending}
          error={update.error}
          onConfirm={() => setState(asking === "disable" ? "disabled" : "active")}
          onClose={done}
        >
          {asking === "disable"
            ? "Every request with one of its keys is refused at once. Nothing is lost: enabling it lets the same keys work again."
            : "Its keys work again at once, as far as they are neither expired nor revoked."}
        </Confirm>
      ) : null}
      {asking === "delete" ? (
        <Confirm
          title={`Delete ${consumer.name}?`}
          action="Delete for good"
          color="red"
          typed={consumer.name}
          busy={remove.isPending}
          error={remove.error}
          onConfirm={() =>
            remove.mutate(undefined, {
              onSuccess: () => {
                say(`${consumer.name} and its keys are deleted`);
                go("/consumers");
              },
            })
          }
          onClose={done}
        >
          <Stack gap={4}>
            <span>
              The consumer and all its keys are removed. Requests with them are refused at once, and this
              cannot be undone.
            </span>
            <span>To stop it for a while, disable it instead.</span>
          </Stack>
        </Confirm>
      ) : null}
    </>
  );
}
