import { Button } from "@mantine/core";
import { KeyRound } from "lucide-react";
import { Link } from "wouter";
import { Empty } from "../parts/empty";

/** Any other address: the pages of admins, or none at all. */
export function Elsewhere() {
  return (
    <Empty
      icon={<KeyRound size={22} />}
      title="This is no page of yours"
      action={
        <Button component={Link} href="/">
          My keys
        </Button>
      }
    >
      You look after the keys of your own consumers. Other pages are for those who run the gateway.
    </Empty>
  );
}
