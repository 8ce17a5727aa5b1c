import { Modal } from "@mantine/core";
import { TemplateGallery } from "./template-gallery.tsx";

/** The gallery as a dialog, to begin a workflow with. */
export function NewFromTemplate({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="New from template" size={880}>
      {opened && <TemplateGallery />}
    </Modal>
  );
}
