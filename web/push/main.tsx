import { mountPage } from "../shell/mount.tsx";
import { exposePush } from "./push-automation.ts";
import { PushModel } from "./push-model.ts";
import { PushPage } from "./push-page.tsx";

const model = new PushModel(location.search);
exposePush(model);
mountPage("push", <PushPage model={model} />);
if (model.startsByItself) void model.start();
