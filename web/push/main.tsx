import { mountPage } from "../shell/mount.tsx";

mountPage("push", <p>soon</p>);
